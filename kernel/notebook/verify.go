package notebook

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/govidur/govidur/kernel/server"
)

// Difference is a cell that a second run does not reproduce.
type Difference struct {
	Cell int    // from 1, counting cells of all kinds
	Diff string // of its outputs as text: lines with - stored, with + of this run
}

// ErrNotRun says that there is nothing to compare with.
var ErrNotRun = errors.New("the notebook has no outputs: run it first")

// Verify runs a copy of the notebook and lists the cells whose text or data are not
// those that are stored. Pixels are not compared, and figures in SVG are text. Text
// between two displays is compared stream by stream. A cell that is stored as failed
// may fail again; the error is of a cell that should not have failed, a
// *CellError, of ctx, or ErrNotRun.
func (n *Notebook) Verify(ctx context.Context, r server.Runner, opt RunOptions) ([]Difference, error) {
	again, err := Read(n.Bytes())
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(n.Cells, func(c *Cell) bool { return c.Count != nil || len(c.Outputs) > 0 }) {
		return nil, ErrNotRun
	}
	opt.AllowErrors = opt.AllowErrors || slices.ContainsFunc(n.Cells, (*Cell).failed)
	if err := again.Run(ctx, r, opt); err != nil {
		return nil, err
	}
	var out []Difference
	for i, c := range n.Cells {
		if !c.runs() {
			continue
		}
		if d := diff(rendered(c.Outputs), rendered(again.Cells[i].Outputs)); d != "" {
			out = append(out, Difference{i + 1, d})
		}
	}
	return out, nil
}

func (c *Cell) failed() bool {
	return slices.ContainsFunc(c.Outputs, func(o Output) bool { return o.Kind() == "error" })
}

// rendered are outputs as lines that are the same if the outputs are.
func rendered(outputs []Output) []string {
	var lines []string
	add := func(head, text string) {
		lines = append(lines, head)
		for line := range strings.Lines(text) {
			lines = append(lines, "    "+strings.TrimSuffix(line, "\n"))
		}
	}
	text := map[string]string{}
	flush := func() {
		for _, name := range streamNames {
			if text[name] != "" {
				add(name, text[name])
			}
		}
		clear(text)
	}
	for _, o := range outputs {
		kind := o.Kind()
		if kind == "stream" {
			name, _ := o["name"].(string)
			s, _ := o["text"].(string)
			text[name] += s
			continue
		}
		flush()
		if kind == "error" {
			add(fmt.Sprintf("error %v: %v", o["ename"], o["evalue"]), traceback(o))
			continue
		}
		data, _ := o["data"].(map[string]any)
		for _, form := range slices.Sorted(maps.Keys(data)) {
			add(kind+" "+form, formText(form, data[form]))
		}
	}
	flush()
	return lines
}

// traceback is the traceback of an error without colours.
func traceback(o Output) string {
	var lines []string
	list, _ := o["traceback"].([]any)
	for _, line := range list {
		lines = append(lines, fmt.Sprint(line))
	}
	return withoutColours(strings.Join(lines, "\n"))
}

var ansi = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")

func withoutColours(s string) string { return ansi.ReplaceAllString(s, "") }

// formText is what is compared of a form of a display: of pixels, documents and
// widgets nothing but that they are there.
func formText(kind string, data any) string {
	switch {
	case kind == "image/svg+xml", strings.HasPrefix(kind, "text/"):
		return fmt.Sprint(data)
	case strings.HasPrefix(kind, "image/"), kind == "application/pdf", strings.HasPrefix(kind, "application/vnd.jupyter.widget"):
		return ""
	}
	return string(encode(nil, data, 0))
}

const (
	diffContext = 2  // equal lines around those that differ
	diffLines   = 20 // of each side
)

// diff is what differs between two lists of lines, from the first line that does to
// the last; empty if nothing does.
func diff(a, b []string) string {
	head := 0
	for head < min(len(a), len(b)) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < min(len(a), len(b))-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	if head == len(a) && head == len(b) {
		return ""
	}
	var out strings.Builder
	part := func(mark string, lines []string) {
		for i, line := range lines {
			if i == diffLines {
				fmt.Fprintf(&out, "%s (%d lines more)\n", mark, len(lines)-i)
				break
			}
			out.WriteString(mark + " " + line + "\n")
		}
	}
	part(" ", a[max(head-diffContext, 0):head])
	part("-", a[head:len(a)-tail])
	part("+", b[head:len(b)-tail])
	part(" ", a[len(a)-tail:min(len(a)-tail+diffContext, len(a))])
	return out.String()
}
