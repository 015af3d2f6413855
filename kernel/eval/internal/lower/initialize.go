package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// initialize writes the package-level variables of a file, their values in the
// order of the language, the calls of its init functions and of main.
func (l *Lowerer) initialize(f *ast.File) {
	var specs []*ast.ValueSpec
	for _, d := range f.Decls {
		if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.VAR {
			for _, s := range d.Specs {
				specs = append(specs, s.(*ast.ValueSpec))
			}
		}
	}
	if !l.began {
		fmt.Fprintf(&l.file.types, "var %s int\n\nvar %s, %s, %s bool\n\n", posVar, stopVar, catchVar, noVar)
	}
	for _, s := range specs {
		for _, id := range s.Names {
			if o := l.main.info.Defs[id]; o != nil && id.Name != "_" {
				fmt.Fprintf(&l.file.types, "var %s %s\n\n", l.global(o), l.rep(o.Type()))
			}
		}
	}
	for _, i := range l.inOrder(specs) {
		l.guard(i.spec.Pos(), func() { l.initVars(i) })
	}
	var mains []string
	for _, d := range f.Decls {
		d, ok := d.(*ast.FuncDecl)
		if !ok || d.Recv != nil {
			continue
		}
		o, _ := l.main.info.Defs[d.Name].(*types.Func)
		switch {
		case o == nil:
		case d.Name.Name == "init":
			l.file.late = append(l.file.late, "\t"+l.funcName(o)+"()")
		case d.Name.Name == "main":
			mains = append(mains, "\t"+l.funcName(o)+"()")
		}
	}
	l.file.late = append(l.file.late, mains...)
}

// initial is one assignment of initial values.
type initial struct {
	spec *ast.ValueSpec
	lhs  []*ast.Ident
	rhs  ast.Expr
}

func (l *Lowerer) initVars(i initial) {
	g := l.newGen(l.main, nil)
	g.pos, g.root = i.spec.Pos(), i.spec
	g.vars = &analysis{g: g, home: map[types.Object]int{}, captured: map[types.Object]bool{}, assigned: map[types.Object]int{}, address: map[types.Object]bool{}, defers: map[ast.Node]bool{}}
	g.vars.block(i.rhs, 0)
	g.body = &body{direct: true}
	lhs := make([]ast.Expr, len(i.lhs))
	for k, id := range i.lhs {
		lhs[k] = id
	}
	text := g.captureLines(func() {
		g.mark(i.spec)
		g.assign(lhs, []ast.Expr{i.rhs}, false)
	})
	name := l.fresh("var")
	fmt.Fprintf(&l.file.funcs, "func %s() {\n%s}\n\n", name, text)
	l.file.late = append(l.file.late, "\t"+name+"()")
}

// inOrder lists the initial values of a file in the order that the type checker
// found.
func (l *Lowerer) inOrder(specs []*ast.ValueSpec) []initial {
	spec := map[types.Object]*ast.ValueSpec{}
	blank := map[ast.Expr]*ast.ValueSpec{}
	for _, s := range specs {
		for _, id := range s.Names {
			if o := l.main.info.Defs[id]; o != nil {
				spec[o] = s
			}
		}
		for _, v := range s.Values {
			blank[v] = s
		}
	}
	var list []initial
	for _, i := range l.main.info.InitOrder {
		s := blank[i.Rhs]
		if s == nil {
			continue
		}
		x := initial{spec: s, rhs: i.Rhs}
		for _, v := range i.Lhs {
			for _, id := range s.Names {
				if l.main.info.Defs[id] == v {
					x.lhs = append(x.lhs, id)
				}
			}
		}
		list = append(list, x)
	}
	return list
}
