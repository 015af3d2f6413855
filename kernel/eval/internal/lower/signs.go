package lower

import (
	"go/ast"
	"go/token"
)

// The interpreter leaves out arguments that reflect.Value.IsZero calls zero, and
// for that -0 is zero: the function would get 0. What an interface or a variadic
// parameter is given arrives as it is.

// keepSigns makes the functions of a lowered file take their floating-point
// numbers so. The calls stay as they are, and functions are values only by way of
// closures, to which the interpreter passes everything.
func keepSigns(f *ast.File) {
	for _, d := range f.Decls {
		if d, ok := d.(*ast.FuncDecl); ok {
			d.Body.List = append(signedParams(d.Type.Params.List), d.Body.List...)
		}
	}
}

// signedParams changes the types of parameters that can be -0 and returns what
// gives them their names back.
func signedParams(list []*ast.Field) []ast.Stmt {
	var head []ast.Stmt
	for i, p := range list {
		t, ok := p.Type.(*ast.Ident)
		if !ok || !isFloating[t.Name] {
			continue
		}
		last := i == len(list)-1 && len(p.Names) == 1
		if last {
			p.Type = &ast.Ellipsis{Ellipsis: t.Pos(), Elt: t}
		} else {
			p.Type = &ast.InterfaceType{Interface: t.Pos(), Methods: &ast.FieldList{}}
		}
		for k, id := range p.Names {
			in := &ast.Ident{NamePos: id.Pos(), Name: id.Name + "_in"}
			p.Names[k] = in
			var value ast.Expr = &ast.TypeAssertExpr{X: in, Type: t}
			if last { // as fast as a plain parameter, and there can be only one
				value = &ast.IndexExpr{X: in, Index: &ast.BasicLit{ValuePos: id.Pos(), Kind: token.INT, Value: "0"}}
			}
			head = append(head, &ast.AssignStmt{Lhs: []ast.Expr{id}, TokPos: id.Pos(), Tok: token.DEFINE, Rhs: []ast.Expr{value}})
		}
	}
	return head
}

var isFloating = map[string]bool{"float32": true, "float64": true, "complex64": true, "complex128": true}
