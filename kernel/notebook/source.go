package notebook

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"

	"github.com/govidur/govidur/kernel/eval"
)

// source is the parsed code of a cell.
type source struct {
	eval.Outline
	code string
	cuts []cut
	fset *token.FileSet
	file *ast.File // declarations, and a function with the statements
	body []ast.Stmt
}

// cut is where the code from a byte on stands in the text that is parsed.
type cut struct{ text, code int }

// bodyFunc is the function around the statements of a cell.
const bodyFunc = "cellʹ"

// parseCell parses code. The error is an *eval.Error.
func parseCell(name, code string) (*source, error) {
	o, err := eval.OutlineOf(eval.Source{Name: name, Code: code})
	if err != nil {
		return nil, err
	}
	s := &source{Outline: o, code: code, fset: token.NewFileSet()}
	text := code
	if o.Whole {
		s.cuts = []cut{{}}
	} else {
		text = s.wrap()
	}
	s.file, err = parser.ParseFile(s.fset, "", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range s.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == bodyFunc {
			s.body = f.Body.List
		}
	}
	return s, nil
}

// wrap makes a file of a cell.
func (s *source) wrap() string {
	var b strings.Builder
	b.WriteString("package main\n")
	write := func(statements bool) {
		for _, p := range s.Parts {
			if p.Statement == statements {
				s.cuts = append(s.cuts, cut{b.Len(), p.Start})
				b.WriteString(s.code[p.Start:p.End] + "\n")
			}
		}
	}
	write(false)
	b.WriteString("func " + bodyFunc + "() {\n")
	write(true)
	b.WriteString("}\n")
	return b.String()
}

// place is a byte of the code as name:line:column.
func (s *source) place(name string, off int) string {
	before := s.code[:off]
	return fmt.Sprintf("%s:%d:%d", name, 1+strings.Count(before, "\n"), off-strings.LastIndexByte(before, '\n'))
}

// offset is the byte of the code at a position, which is in it or at its end.
func (s *source) offset(pos token.Pos) int {
	off := s.fset.File(pos).Offset(pos)
	last := cut{}
	for _, c := range s.cuts {
		if c.text <= off {
			last = c
		}
	}
	return min(last.code+off-last.text, len(s.code))
}

// text is the code of a node.
func (s *source) text(n ast.Node) string { return s.code[s.offset(n.Pos()):s.offset(n.End())] }

// variable is a variable that a statement at the top of a cell declares.
type variable struct {
	name  string
	typ   ast.Expr // as it is written; nil if it is not
	value ast.Expr // nil if there is none of its own
}

// variables are those that the statements of the cell declare.
func (s *source) variables() (out []variable) {
	add := func(names []*ast.Ident, typ ast.Expr, values []ast.Expr) {
		for i, id := range names {
			v := variable{name: id.Name, typ: typ}
			if len(values) == len(names) {
				v.value = values[i]
			}
			if id.Name != "_" {
				out = append(out, v)
			}
		}
	}
	for _, st := range s.body {
		switch st := st.(type) {
		case *ast.AssignStmt:
			var names []*ast.Ident
			for _, x := range st.Lhs {
				if id, ok := x.(*ast.Ident); ok {
					names = append(names, id)
				}
			}
			if st.Tok == token.DEFINE && len(names) == len(st.Lhs) {
				add(names, nil, st.Rhs)
			}
		case *ast.DeclStmt:
			if g, ok := st.Decl.(*ast.GenDecl); ok && g.Tok == token.VAR {
				for _, spec := range g.Specs {
					v := spec.(*ast.ValueSpec)
					add(v.Names, v.Type, v.Values)
				}
			}
		}
	}
	return out
}

// typeOf is the type of a variable as far as it is written, or nil.
func (v variable) typeOf() ast.Expr {
	if v.typ != nil {
		return v.typ
	}
	x := v.value
	if u, ok := x.(*ast.UnaryExpr); ok && u.Op == token.AND {
		x = u.X
	}
	if c, ok := x.(*ast.CompositeLit); ok {
		return c.Type
	}
	return nil
}
