package worker

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"

	"github.com/govidur/govidur/kernel/nb"
)

// parametersOf are the variables of a cell that holds parameters, which is one that
// does nothing but declare variables with values that are written out. A front end
// that knows tags does not tell them.
func parametersOf(code string) (names []string) {
	file, err := parser.ParseFile(token.NewFileSet(), "", "package p\nfunc _() {\n"+code+"\n}", parser.SkipObjectResolution)
	if err != nil || len(file.Decls) != 1 {
		return nil
	}
	for _, s := range file.Decls[0].(*ast.FuncDecl).Body.List {
		left, values, ok := declared(s)
		if !ok || len(left) != len(values) || slices.ContainsFunc(values, func(x ast.Expr) bool { return !written(x) }) {
			return nil
		}
		for _, x := range left {
			if id, ok := x.(*ast.Ident); ok {
				names = append(names, id.Name)
			}
		}
	}
	return names
}

// declared are the variables that a statement declares, and their values. It is not
// ok if that is not all it does.
func declared(s ast.Stmt) (left, values []ast.Expr, ok bool) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		return s.Lhs, s.Rhs, s.Tok == token.DEFINE
	case *ast.DeclStmt:
		for _, spec := range s.Decl.(*ast.GenDecl).Specs {
			v, ok := spec.(*ast.ValueSpec)
			if !ok {
				return nil, nil, false
			}
			for _, id := range v.Names {
				left = append(left, id)
			}
			values = append(values, v.Values...)
		}
		return left, values, s.Decl.(*ast.GenDecl).Tok == token.VAR
	}
	return nil, nil, false
}

// written reports whether a value is written out: a number, a text, a truth value, a
// list of such, a conversion or a product such as 2*time.Second.
func written(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return x.Name == "true" || x.Name == "false"
	case *ast.SelectorExpr:
		id, ok := x.X.(*ast.Ident)
		return ok && id.Name == "time"
	case *ast.UnaryExpr:
		return written(x.X)
	case *ast.BinaryExpr:
		return written(x.X) && written(x.Y)
	case *ast.CompositeLit:
		return !slices.ContainsFunc(x.Elts, func(e ast.Expr) bool { return !written(e) })
	case *ast.CallExpr:
		id, ok := x.Fun.(*ast.Ident)
		return ok && plainType.MatchString(id.Name) && len(x.Args) == 1 && written(x.Args[0])
	}
	return false
}

// parameters are the plain variables of cells that hold parameters, as they stand.
func (c *child) parameters() []nb.Variable {
	var list []nb.Variable
	for _, l := range c.session.List() {
		if l.Kind == "variable" && plainType.MatchString(l.Type) && c.params[l.Name] {
			list = append(list, nb.Variable{Name: l.Name, Value: whole(c.session.Value(l.Name), l.Value)})
		}
	}
	return list
}

// whole is a value in JSON, or what stands for it in brief if JSON cannot say it, as
// NaN, or should not, as a duration in nanoseconds.
func whole(value any, brief string) string {
	text, err := json.Marshal(value)
	if value == nil || err != nil {
		return brief
	}
	return string(text)
}
