package notebook

import (
	"errors"
	"fmt"
	"strings"

	"github.com/govidur/govidur/kernel/cells"
	"github.com/govidur/govidur/kernel/eval"
)

// Finding is something that is wrong in a notebook.
type Finding struct {
	Cell int    // from 1, counting cells of all kinds; 0 is the notebook
	Msg  string // one line
}

// String is "cell 3: what is wrong".
func (f Finding) String() string {
	if f.Cell == 0 {
		return f.Msg
	}
	return fmt.Sprintf("cell %d: %s", f.Cell, f.Msg)
}

// Check lists what is wrong in a notebook that is to be committed. It has either
// never been run or wholly and in order, in which case counts are 1, 2, 3 and so on,
// and no cell failed that is not tagged raises-exception; with clean it must not
// have been run. One cell at most is tagged parameters, identities of cells are
// there (from nbformat 4.5 on), well formed and different, and every cell parses that is
// not tagged raises-exception.
func (n *Notebook) Check(clean bool) []Finding {
	c := &checker{n: n}
	if lang := n.Language(); lang != "go" {
		c.add(-1, "the notebook is in %s, not in Go", lang)
		return c.found
	}
	c.run(clean)
	parameters, ids := 0, map[string]bool{}
	for i, cell := range n.Cells {
		if cell.Tagged(tagParameters) {
			if parameters++; parameters > 1 {
				c.add(i, "a second cell is tagged %s", tagParameters)
			}
		}
		if n.Minor >= 5 {
			c.id(i, cell, ids)
		}
		if cell.runs() && !cell.Tagged("raises-exception") {
			c.parse(i, cell)
		}
	}
	return c.found
}

type checker struct {
	n     *Notebook
	found []Finding
}

// add adds what is wrong with the cell of an index, -1 for the notebook.
func (c *checker) add(i int, format string, args ...any) {
	c.found = append(c.found, Finding{i + 1, fmt.Sprintf(format, args...)})
}

// run checks what earlier runs have left.
func (c *checker) run(clean bool) {
	ran := 0
	for i, cell := range c.n.Cells {
		if cell.Count == nil && len(cell.Outputs) == 0 {
			continue
		}
		ran++
		if clean {
			c.add(i, "it has been run: vidur nb strip removes the outputs")
		}
	}
	if ran == 0 || clean {
		return
	}
	want := 0
	for i, cell := range c.n.Cells {
		if !cell.runs() {
			continue
		}
		want++
		switch {
		case cell.Count == nil:
			c.add(i, "it has not been run, but others have")
		case *cell.Count != want:
			c.add(i, "its execution count is %d where %d is next: run all cells in order", *cell.Count, want)
		}
		c.failed(i, cell)
	}
}

// failed reports an error among the outputs.
func (c *checker) failed(i int, cell *Cell) {
	for _, o := range cell.Outputs {
		if o.Kind() == "error" && !cell.Tagged("raises-exception") {
			c.add(i, "it failed: %v: %v", o["ename"], o["evalue"])
		}
	}
}

func (c *checker) id(i int, cell *Cell, ids map[string]bool) {
	switch {
	case cell.ID == "":
		c.add(i, "it has no id, which nbformat 4.5 wants")
	case !idForm.MatchString(cell.ID):
		c.add(i, "its id %q is not made of 1 to 64 letters, digits, - and _", cell.ID)
	case ids[cell.ID]:
		c.add(i, "another cell has its id %q", cell.ID)
	}
	ids[cell.ID] = true
}

// parse says where a cell does not parse that is no command to the kernel either.
func (c *checker) parse(i int, cell *Cell) {
	_, err := parseCell("cell", cell.Source)
	if err == nil {
		return
	}
	if status, _ := cells.StatusOf(cell.Source); status == eval.Complete {
		return
	}
	if _, rest := parseCell("cell", withoutCommands(cell.Source)); rest != nil {
		err = rest
	}
	var wrong *eval.Error
	if errors.As(err, &wrong) {
		p := wrong.Problems[0]
		c.add(i, "%d:%d: %s", p.Line, p.Column, p.Msg)
	} else {
		c.add(i, "%v", err)
	}
}

// withoutCommands blanks the lines that are commands to the kernel and not Go.
func withoutCommands(code string) string {
	lines := strings.Split(code, "\n")
	for i, line := range lines {
		word := strings.TrimSpace(line)
		if strings.HasPrefix(word, "%") || strings.HasPrefix(word, "!") || strings.HasPrefix(word, "?") || strings.HasSuffix(word, "?") {
			lines[i] = ""
		}
	}
	return strings.Join(lines, "\n")
}
