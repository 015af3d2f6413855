package notebook

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// twin is a variable that a later cell declares again: both must have one type.
type twin struct {
	name, alias string
	cell        int
}

// lift makes the variables that the statements of a cell declare those of the
// package, as the kernel does: x := v becomes x = v. For each there is a
// declaration from which its type follows.
func (x *exporter) lift(c *exported) {
	own := map[string]bool{} // declared in this cell
	for _, st := range c.body {
		switch st := st.(type) {
		case *ast.AssignStmt:
			if st.Tok == token.DEFINE {
				x.liftDefine(c, st, own)
			}
		case *ast.DeclStmt:
			if g, ok := st.Decl.(*ast.GenDecl); ok && g.Tok == token.VAR {
				x.liftVar(c, g, own)
			}
		}
	}
}

func (x *exporter) liftDefine(c *exported, st *ast.AssignStmt, own map[string]bool) {
	var names, values []string
	for _, l := range st.Lhs {
		id, ok := l.(*ast.Ident)
		if !ok {
			return // the checker says what is wrong
		}
		if own[id.Name] || x.uses(st.Rhs, id.Name) {
			names = append(names, "_")
		} else {
			names = append(names, x.declare(id.Name, c.number))
		}
		own[id.Name] = true
	}
	for _, v := range st.Rhs {
		values = append(values, c.text(v))
	}
	x.inferFrom(c, st, "var "+strings.Join(names, ", ")+" = "+strings.Join(values, ", "))
	at := c.offset(st.TokPos)
	c.edits = append(c.edits, edit{at, at + len(":="), "="})
}

// liftVar turns var x T = v into x = v, and var x T into the zero value for x.
func (x *exporter) liftVar(c *exported, g *ast.GenDecl, own map[string]bool) {
	var lines []string
	for _, spec := range g.Specs {
		v := spec.(*ast.ValueSpec)
		var names, aliases []string
		for _, id := range v.Names {
			alias := "_"
			if id.Name != "_" && !own[id.Name] {
				alias = x.declare(id.Name, c.number)
			}
			own[id.Name] = id.Name != "_"
			names, aliases = append(names, id.Name), append(aliases, alias)
		}
		typ, values := "", ""
		if v.Type != nil {
			typ = " " + c.text(v.Type)
		}
		if n := len(v.Values); n > 0 {
			values = " = " + c.code[c.offset(v.Values[0].Pos()):c.offset(v.Values[n-1].End())]
		}
		x.inferFrom(c, v, "var "+strings.Join(aliases, ", ")+typ+values)
		switch {
		case strings.Trim(strings.Join(names, ""), "_") == "":
			lines = append(lines, "var "+strings.Join(names, ", ")+typ+values)
		case values == "":
			for _, name := range names {
				if name != "_" {
					lines = append(lines, name+" = *new("+strings.TrimSpace(typ)+")")
				}
			}
		default:
			lines = append(lines, strings.Join(names, ", ")+values)
		}
	}
	c.edits = append(c.edits, edit{c.offset(g.Pos()), c.offset(g.End()), strings.Join(lines, "\n")})
}

// declare enters a variable and is the name under which its type is inferred, which
// is another one if an earlier cell declares it too.
func (x *exporter) declare(name string, cell int) string {
	if name == "_" {
		return name
	}
	if _, ok := x.vars[name]; !ok {
		x.vars[name] = cell
		x.order = append(x.order, name)
		return name
	}
	t := twin{name, fmt.Sprintf("%sʹ%d", name, len(x.again)), cell}
	x.again = append(x.again, t)
	return t.alias
}

// uses reports whether values name a variable of an earlier cell: it keeps its
// type then, for they mean the old value.
func (x *exporter) uses(values []ast.Expr, name string) (found bool) {
	if _, ok := x.vars[name]; !ok {
		return false
	}
	for _, v := range values {
		ast.Inspect(v, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				found = found || x.uses([]ast.Expr{sel.X}, name)
				return false
			}
			id, ok := n.(*ast.Ident)
			found = found || ok && id.Name == name
			return true
		})
	}
	return found
}

func (x *exporter) inferFrom(c *exported, at ast.Node, decl string) {
	x.infer = append(x.infer, c.directive(c.offset(at.Pos()))+decl)
}

// directive says where the text that follows is from.
func (c *exported) directive(off int) string {
	return "/*line " + c.place(fmt.Sprintf("cell %d", c.number), off) + "*/"
}
