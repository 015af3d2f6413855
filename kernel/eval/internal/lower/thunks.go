package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// thunk is a function without parameters that makes a call whose operands are
// evaluated now.
func (g *gen) thunk(x *ast.CallExpr) string {
	if lit, ok := ast.Unparen(x.Fun).(*ast.FuncLit); ok && len(x.Args) == 0 && g.typeOf(lit).(*types.Signature).Results().Len() == 0 {
		return g.literal(lit)
	}
	p := g.thunkParts(x)
	var head, names []string
	for i := range p.ops {
		names = append(names, g.l.fresh("o"))
		rep := p.ops[i].rep
		if rep == calleeRep {
			rep = g.calleeType(x)
		}
		head = append(head, names[i]+" "+rep)
	}
	text := p.format(names)
	if strings.HasPrefix(text, "(") || strings.HasPrefix(text, "*") {
		text = "_ = " + text
	}
	name := g.l.fresh("thunk")
	fmt.Fprintf(&g.l.file.funcs, "func %s(%s) func() {\n\treturn func() { %s }\n}\n\n", name, join(head), text)
	return name + "(" + join(p.texts()) + ")"
}

// calleeType is the representation of what a call's callee operand is.
func (g *gen) calleeType(x *ast.CallExpr) string {
	fun := ast.Unparen(x.Fun)
	if sel, ok := fun.(*ast.SelectorExpr); ok && g.src.info.Selections[sel] != nil && g.src.info.Selections[sel].Kind() == types.MethodVal {
		t := g.typeOf(sel.X)
		m := g.method(t, sel.Sel.Name, g.src.pkg, sel)
		last := pathEnd(t, m.path)
		if m.takesAddress {
			return "*" + g.rep(last)
		}
		return g.rep(last)
	}
	return g.rep(g.typeOf(fun))
}

// thunkParts is parts for any call that go and defer take.
func (g *gen) thunkParts(x *ast.CallExpr) *parts {
	if b, ok := calleeObject(g.src.info, x).(*types.Builtin); ok {
		if b.Name() == "recover" {
			g.refuse(x, "defer recover()", "")
		}
		return g.builtinParts(x, b.Name())
	}
	if fs, ok := g.specialParts(x); ok {
		return fs
	}
	g.later = true
	p := g.parts(x)
	if len(x.Args) == 1 {
		if _, ok := g.typeOf(x.Args[0]).(*types.Tuple); ok {
			g.refuse(x, "go or defer of a call with the results of another", "")
		}
	}
	return p
}

// mayRecover reports whether the function that a call calls recovers itself.
func (g *gen) mayRecover(x *ast.CallExpr) bool {
	switch f := calleeObject(g.src.info, x).(type) {
	case *types.Builtin:
		return false
	case *types.Func:
		if fn := g.l.decls[f.Origin()]; fn != nil {
			return recovers(fn.src.info, fn.decl.Body)
		}
		return g.l.own(f)
	}
	if lit, ok := ast.Unparen(x.Fun).(*ast.FuncLit); ok {
		return recovers(g.src.info, lit.Body)
	}
	return true
}

// recovers reports whether a body calls recover outside the literals in it.
func recovers(info *types.Info, b *ast.BlockStmt) bool {
	found := false
	ast.Inspect(b, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			o, ok := calleeObject(info, n).(*types.Builtin)
			found = found || ok && o.Name() == "recover"
		}
		return !found
	})
	return found
}

// funcValue is a function as a value. The interpreter has other values for
// declared functions than for closures; here all are closures.
func (g *gen) funcValue(x ast.Expr) string {
	name, ok := g.static(ast.Unparen(x))
	if !ok {
		g.refuse(x, "this function value", "")
	}
	sig := under(g.typeOf(x)).(*types.Signature)
	key := "value " + name
	if n, ok := g.l.named[key]; ok {
		return n + "()"
	}
	maker := g.l.fresh("value")
	g.l.named[key] = maker
	head, names := g.paramList(sig)
	dots := ""
	if sig.Variadic() && strings.Contains(name, ".") {
		dots = "..."
	}
	g.writeMaker(maker, "", head, sig, name+"("+join(names)+dots+")")
	return maker + "()"
}

// paramList names the parameters of a signature.
func (g *gen) paramList(sig *types.Signature) (head, names []string) {
	for i := range sig.Params().Len() {
		n := g.l.fresh("p")
		names = append(names, n)
		head = append(head, n+" "+g.rep(sig.Params().At(i).Type()))
	}
	return head, names
}

// writeMaker writes a function that returns a closure which returns call.
func (g *gen) writeMaker(name, params string, head []string, sig *types.Signature, call string) {
	ret := ""
	if sig.Results().Len() > 0 {
		ret = "return "
	}
	results := g.l.results(sig)
	list := "(" + join(head) + ")"
	fmt.Fprintf(&g.l.file.funcs, "func %s(%s) func%s%s {\n\treturn func%s%s { %s%s }\n}\n\n", name, params, typesOnly(list), results, list, results, ret, call)
}
