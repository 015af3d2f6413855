package eval

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
)

// outName is the function that takes the value of a cell's last expression.
const outName = "outʹ"

var outFunc = func() types.Object {
	any := types.Universe.Lookup("any").Type()
	args := types.NewTuple(types.NewParam(token.NoPos, nil, "v", types.NewSlice(any)))
	return types.NewFunc(token.NoPos, nil, outName, types.NewSignatureType(nil, nil, nil, args, nil, true))
}()

// liftVariables makes the variables that statements of a cell declare those of
// the session: x := f() stays where it is as x = f(), and x gets a declaration
// of package level. Until the types are known that is var x = f().
func (s *Session) liftVariables(u *unit) {
	c := u.cell
	if c.whole {
		for _, d := range c.decls {
			if d.isVar {
				for _, spec := range d.node.(*ast.GenDecl).Specs {
					u.vars = append(u.vars, named(spec.(*ast.ValueSpec).Names)...)
				}
			}
		}
		return
	}
	seen := map[string]bool{}
	c.sets = map[int][]*ast.Ident{}
	for i, st := range c.stmts {
		before := len(u.vars)
		switch st := st.(type) {
		case *ast.AssignStmt:
			if st.Tok == token.DEFINE {
				c.stmts[i] = s.liftDefine(u, st, seen)
			}
		case *ast.DeclStmt:
			if g, ok := st.Decl.(*ast.GenDecl); ok && g.Tok == token.VAR {
				c.stmts[i] = s.liftVar(u, g, seen)
			}
		}
		c.sets[i] = u.vars[before:]
	}
	if n := len(c.stmts); n > 0 {
		if x, ok := c.stmts[n-1].(*ast.ExprStmt); ok && !isCall(x.X) {
			c.stmts[n-1] = c.last(x.X)
		}
	}
}

// last makes a statement of the expression that ends a cell. A semicolon after
// it means that its value is not asked for.
func (c *cell) last(x ast.Expr) ast.Stmt {
	if c.shows {
		return &ast.ExprStmt{X: show(x)}
	}
	blank := &ast.Ident{NamePos: x.Pos(), Name: "_"}
	return &ast.AssignStmt{Lhs: []ast.Expr{blank}, TokPos: x.Pos(), Tok: token.ASSIGN, Rhs: []ast.Expr{x}}
}

func isCall(x ast.Expr) bool {
	_, ok := ast.Unparen(x).(*ast.CallExpr)
	return ok
}

// show makes a call of the function that takes a cell's value.
func show(x ast.Expr) *ast.CallExpr {
	return &ast.CallExpr{Fun: &ast.Ident{NamePos: x.Pos(), Name: outName}, Lparen: x.Pos(), Args: []ast.Expr{x}, Rparen: x.End()}
}

// shown is the expression whose value a statement gives, if it is a call of the
// function that takes that.
func shown(st *ast.ExprStmt) (x ast.Expr, ok bool) {
	call, ok := st.X.(*ast.CallExpr)
	if !ok {
		return nil, false
	}
	id, ok := call.Fun.(*ast.Ident)
	if !ok || id.Name != outName {
		return nil, false
	}
	return call.Args[0], true
}

func named(ids []*ast.Ident) []*ast.Ident {
	var out []*ast.Ident
	for _, id := range ids {
		if id.Name != "_" {
			out = append(out, id)
		}
	}
	return out
}

// liftDefine turns x := v into x = v. A name that v itself uses keeps its
// variable, for v means the old one.
func (s *Session) liftDefine(u *unit, st *ast.AssignStmt, seen map[string]bool) ast.Stmt {
	spec := &ast.ValueSpec{Values: st.Rhs}
	for _, l := range st.Lhs {
		id, ok := l.(*ast.Ident)
		if !ok {
			return st // the checker says what is wrong
		}
		blank := id.Name == "_" || seen[id.Name] || s.uses(st.Rhs, id.Name)
		seen[id.Name] = true
		if blank {
			spec.Names = append(spec.Names, &ast.Ident{NamePos: id.Pos(), Name: "_"})
			continue
		}
		spec.Names = append(spec.Names, &ast.Ident{NamePos: id.Pos(), Name: id.Name})
	}
	u.declare(spec, st.Pos())
	return &ast.AssignStmt{Lhs: st.Lhs, TokPos: st.TokPos, Tok: token.ASSIGN, Rhs: st.Rhs}
}

// uses reports whether the name of an existing variable occurs in values.
func (s *Session) uses(values []ast.Expr, name string) bool {
	if _, ok := s.objects[name].(*types.Var); !ok {
		return false
	}
	found := false
	for _, v := range values {
		ast.Inspect(v, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				ast.Inspect(sel.X, func(n ast.Node) bool {
					id, ok := n.(*ast.Ident)
					found = found || ok && id.Name == name
					return true
				})
				return false
			}
			id, ok := n.(*ast.Ident)
			found = found || ok && id.Name == name
			return true
		})
	}
	return found
}

// liftVar turns var x T = v into x = v, var _ T = v into _ = T(v), and var x T into
// the zero value for x.
func (s *Session) liftVar(u *unit, g *ast.GenDecl, seen map[string]bool) ast.Stmt {
	block := &ast.BlockStmt{Lbrace: g.Pos(), Rbrace: g.End()}
	for _, spec := range g.Specs {
		v := spec.(*ast.ValueSpec)
		for _, id := range v.Names {
			seen[id.Name] = true
		}
		u.declare(&ast.ValueSpec{Names: v.Names, Type: v.Type, Values: v.Values}, g.Pos())
		lhs := make([]ast.Expr, len(v.Names))
		for i, id := range v.Names {
			lhs[i] = &ast.Ident{NamePos: id.Pos(), Name: id.Name}
		}
		values := v.Values
		if len(values) == 0 {
			zero := &ast.ValueSpec{Type: v.Type}
			for i, id := range v.Names {
				name := "zeroʹ" + strconv.Itoa(i)
				zero.Names = append(zero.Names, &ast.Ident{NamePos: id.Pos(), Name: name})
				values = append(values, &ast.Ident{NamePos: id.Pos(), Name: name})
			}
			decl := &ast.GenDecl{TokPos: g.Pos(), Tok: token.VAR, Specs: []ast.Spec{zero}}
			set := &ast.AssignStmt{Lhs: lhs, TokPos: v.Pos(), Tok: token.ASSIGN, Rhs: values}
			block.List = append(block.List, &ast.BlockStmt{Lbrace: v.Pos(), List: []ast.Stmt{&ast.DeclStmt{Decl: decl}, set}, Rbrace: v.End()})
			continue
		}
		block.List = append(block.List, &ast.AssignStmt{Lhs: lhs, TokPos: v.Pos(), Tok: token.ASSIGN, Rhs: typed(v)})
	}
	return block
}

// typed are the values of a declaration; those of blanks have its type, which may be
// all that the declaration is for.
func typed(v *ast.ValueSpec) []ast.Expr {
	values := slices.Clone(v.Values)
	for i, id := range v.Names {
		if x := v.Type; x != nil && id.Name == "_" && len(values) == len(v.Names) {
			values[i] = &ast.CallExpr{Fun: &ast.ParenExpr{X: x}, Lparen: values[i].Pos(), Args: v.Values[i : i+1], Rparen: values[i].End()}
		}
	}
	return values
}

// declare adds a declaration of package level for variables of the cell.
func (u *unit) declare(spec *ast.ValueSpec, pos token.Pos) {
	u.vars = append(u.vars, named(spec.Names)...)
	u.cell.lifted = append(u.cell.lifted, &ast.GenDecl{TokPos: pos, Tok: token.VAR, Specs: []ast.Spec{spec}})
}

// cellFile is the file of a cell: its imports and those of earlier cells that it
// uses, the declarations that are new, its variables, its statements.
func (s *Session) cellFile(u *unit) *ast.File {
	c := u.cell
	f := *c.file
	f.Decls = nil
	for _, name := range sortedKeys(s.cellImports(c)) {
		f.Decls = append(f.Decls, importDecl(f.Package, name, s.cellImports(c)[name]))
	}
	for _, d := range u.fresh {
		f.Decls = append(f.Decls, d.node)
	}
	for _, g := range c.lifted {
		f.Decls = append(f.Decls, g)
	}
	if len(c.stmts) > 0 {
		f.Decls = append(f.Decls, initFunc(c.stmts))
	}
	return &f
}

// initFunc is what runs the statements of a cell.
func initFunc(stmts []ast.Stmt) *ast.FuncDecl {
	pos, end := stmts[0].Pos(), stmts[len(stmts)-1].End()
	return &ast.FuncDecl{
		Name: &ast.Ident{NamePos: pos, Name: "init"},
		Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, Closing: pos}},
		Body: &ast.BlockStmt{Lbrace: pos, List: stmts, Rbrace: end},
	}
}

func importDecl(pos token.Pos, name, path string) *ast.GenDecl {
	return &ast.GenDecl{TokPos: pos, Tok: token.IMPORT, Specs: []ast.Spec{&ast.ImportSpec{
		Name: &ast.Ident{NamePos: pos, Name: name},
		Path: &ast.BasicLit{ValuePos: pos, Kind: token.STRING, Value: strconv.Quote(path)},
	}}}
}
