package notebook

import (
	"go/ast"
	"slices"
	"strings"
)

// declarations are those of all cells. For a check they say where they are from.
func (x *exporter) declarations(check bool) string {
	var b strings.Builder
	for _, c := range x.cells {
		for i, p := range c.Parts {
			if p.Statement || p.First.String() == "import" || slices.Contains(c.skip, i) {
				continue
			}
			if check {
				b.WriteString(c.directive(p.Start))
			} else {
				b.WriteString(c.gap(i))
			}
			b.WriteString(c.code[p.Start:p.End] + "\n\n")
		}
	}
	return b.String()
}

// mainFunc runs the statements of all cells. For a check each cell is a function.
func (x *exporter) mainFunc(check bool) string {
	var b strings.Builder
	b.WriteString("func main() {\n")
	for i, c := range x.cells {
		if i > 0 && !check {
			b.WriteString("\n")
		}
		open, end := "", ""
		if check || c.alone {
			open, end = "func() {\n", "}()\n"
		}
		if !check {
			b.WriteString(comment(c.prose))
		}
		b.WriteString(open + c.statements(check, x.show(c, check)) + end)
	}
	return b.String() + "}\n"
}

// show is what stands before the last expression of a cell in parentheses; empty if
// it stays as it is.
func (x *exporter) show(c *exported, check bool) string {
	switch {
	case check && c.last != nil && !isCall(c.last.X):
		return outFunc
	case check || !c.value:
		return ""
	case !c.Shows:
		return "_ = "
	}
	return x.nameOf(nbPath, "nb") + ".Display"
}

func isCall(x ast.Expr) bool {
	_, ok := ast.Unparen(x).(*ast.CallExpr)
	return ok
}

// statements are those of the cell. Show stands before the last expression, if it is
// not empty.
func (c *exported) statements(check bool, show string) string {
	edits := c.edits
	if show != "" {
		start, end := c.offset(c.last.Pos()), c.offset(c.last.End())
		edits = append(slices.Clone(edits), edit{start, end, show + "(" + c.code[start:end] + ")"})
	}
	var b strings.Builder
	for i, p := range c.Parts {
		if !p.Statement {
			continue
		}
		if check {
			b.WriteString(c.directive(p.Start))
		} else {
			b.WriteString(c.gap(i))
		}
		at := p.Start
		for _, e := range edits {
			if e.start >= p.Start && e.end <= p.End {
				b.WriteString(c.code[at:e.start] + e.text)
				at = e.end
			}
		}
		b.WriteString(c.code[at:p.End] + "\n")
	}
	return b.String()
}

// gap is what stands before a part: comments.
func (c *exported) gap(i int) string {
	start := 0
	if i > 0 {
		start = c.Parts[i-1].End
	}
	text := strings.TrimLeft(c.code[start:c.Parts[i].Start], "; \t\r\n")
	if i > 0 && c.Parts[i-1].Statement != c.Parts[i].Statement && !strings.HasPrefix(c.code[start:], "\n") {
		_, text, _ = strings.Cut(text, "\n") // the end of a line that stands elsewhere
	}
	return text
}

// ends finds how the cell ends: with an expression that may have a value, by
// a return, with deferred calls. The last two need a function, and so do labels.
func (c *exported) ends() {
	if k := len(c.body); k > 0 {
		c.last, _ = c.body[k-1].(*ast.ExprStmt)
	}
	for _, st := range c.body {
		ast.Inspect(st, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.DeferStmt:
				c.alone, c.defers = true, true
			case *ast.ReturnStmt, *ast.LabeledStmt:
				c.alone = true
			}
			return true
		})
	}
}

// comment is prose as a comment.
func comment(prose string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimSpace(prose)) {
		b.WriteString(strings.TrimRight("// "+strings.TrimRight(line, "\r\n"), " ") + "\n")
	}
	return b.String()
}
