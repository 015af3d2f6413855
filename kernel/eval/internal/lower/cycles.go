package lower

import (
	"go/ast"
	"go/types"
)

// cycles finds the functions of a file that may call themselves, directly or by
// way of others. A call that cannot be followed, of a function value or through
// an interface, may reach every function whose value or method can be known
// where it is made.
func (l *Lowerer) cycles(f *ast.File) map[*ast.FuncDecl]bool {
	c := &callGraph{l: l, calls: map[*ast.FuncDecl][]*ast.FuncDecl{}, unknown: map[*ast.FuncDecl]bool{}, known: map[*ast.FuncDecl]bool{}}
	var list []*ast.FuncDecl
	for _, d := range f.Decls {
		if d, ok := d.(*ast.FuncDecl); ok && d.Body != nil {
			list = append(list, d)
			c.visit(d)
		}
	}
	out := map[*ast.FuncDecl]bool{}
	for _, d := range list {
		out[d] = c.reaches(d, d)
	}
	return out
}

type callGraph struct {
	l       *Lowerer
	calls   map[*ast.FuncDecl][]*ast.FuncDecl
	unknown map[*ast.FuncDecl]bool // calls what cannot be followed
	known   map[*ast.FuncDecl]bool // may be called so
}

func (c *callGraph) visit(d *ast.FuncDecl) {
	info := c.l.main.info
	callees := map[*ast.Ident]bool{}
	c.known[d] = c.known[d] || d.Recv != nil
	ast.Inspect(d.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			c.known[d] = true
		case *ast.CallExpr:
			c.call(d, n, callees)
		case *ast.Ident:
			if f, ok := info.Uses[n].(*types.Func); ok && !callees[n] {
				if fn := c.l.decls[f.Origin()]; fn != nil {
					c.known[fn.decl] = true
				}
			}
		}
		return true
	})
}

func (c *callGraph) call(d *ast.FuncDecl, n *ast.CallExpr, callees map[*ast.Ident]bool) {
	info := c.l.main.info
	if info.Types[n.Fun].IsType() {
		return
	}
	switch f := calleeObject(info, n).(type) {
	case *types.Builtin:
		return
	case *types.Func:
		if fn := c.l.decls[f.Origin()]; fn != nil {
			c.calls[d] = append(c.calls[d], fn.decl)
			switch x := ast.Unparen(n.Fun).(type) {
			case *ast.Ident:
				callees[x] = true
			case *ast.SelectorExpr:
				callees[x.Sel] = true
			}
			return
		}
		if compiledLeaf(c.l, info, n) && !c.givesCode(n) {
			return
		}
	}
	c.unknown[d] = true
}

// givesCode reports whether a call passes functions or values with methods.
func (c *callGraph) givesCode(n *ast.CallExpr) bool {
	for _, a := range n.Args {
		t := c.l.main.info.TypeOf(a)
		switch under(t).(type) {
		case *types.Signature, *types.Interface:
			return true
		}
		if o := namedOf(t); o != nil && c.l.own(o.Obj()) && o.NumMethods() > 0 {
			return true
		}
	}
	return false
}

// reaches reports whether calls lead from one function to another.
func (c *callGraph) reaches(from, to *ast.FuncDecl) bool {
	seen := map[*ast.FuncDecl]bool{}
	var visit func(d *ast.FuncDecl) bool
	visit = func(d *ast.FuncDecl) bool {
		if seen[d] {
			return false
		}
		seen[d] = true
		if c.unknown[d] {
			for k := range c.known {
				if c.known[k] && (k == to || visit(k)) {
					return true
				}
			}
		}
		for _, e := range c.calls[d] {
			if e == to || visit(e) {
				return true
			}
		}
		return false
	}
	return visit(from)
}
