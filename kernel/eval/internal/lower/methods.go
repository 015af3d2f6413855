package lower

import (
	"fmt"
	"go/ast"
	"go/types"
)

// methodCallee lowers x.M(...): a function of the receiver for the user's types,
// a dispatcher for the user's interfaces, a method for compiled types.
func (g *gen) methodCallee(sel *ast.SelectorExpr, p *parts, later bool) func([]string) string {
	t := g.typeOf(sel.X)
	m := g.method(t, sel.Sel.Name, g.src.pkg, sel)
	m.evaluated = later
	recv := m.receive(g, g.receiverText(sel.X, m), t)
	if m.prefix {
		p.ops = []operand{{recv, m.rep}}
		return func(ops []string) string { return m.name }
	}
	if name, ok := g.stoppable(t, sel.Sel.Name); ok && !later {
		rep := g.rep(pathEnd(t, m.path))
		if m.takesAddress {
			rep = "*" + rep
		}
		p.ops = []operand{{recv, rep}}
		return func([]string) string { return name }
	}
	if _, plain := ast.Unparen(sel.X).(*ast.Ident); (!plain || len(m.path) > 0) && p.sig.Results().Len() > 1 && !p.sig.Variadic() {
		// The interpreter mixes up the places of several results here.
		rep := g.rep(pathEnd(t, m.path))
		if m.takesAddress {
			rep = "*" + rep
		}
		p.ops = []operand{{recv, rep}}
		name := g.l.through(rep, m.name, g, p.sig)
		return func([]string) string { return name }
	}
	p.ops = []operand{{recv, calleeRep}}
	return func(ops []string) string { return ops[0] + "." + m.name }
}

// through is a function that calls a method of compiled code.
func (l *Lowerer) through(rep, method string, g *gen, sig *types.Signature) string {
	key := "through " + rep + "." + method
	if name, ok := l.named[key]; ok {
		return name
	}
	name := l.fresh("through")
	l.named[key] = name
	head, names := g.paramList(sig)
	fmt.Fprintf(&l.file.funcs, "func %s(r %s%s)%s { return r.%s(%s) }\n\n", name, rep, prefixAll(head), l.results(sig), method, join(names))
	return name
}

func (g *gen) receiverText(x ast.Expr, m *method) string {
	if m.takesAddress && len(m.path) == 0 {
		return g.address(x)
	}
	if len(m.path) > 0 {
		return g.base(x)
	}
	return g.expr(x)
}

// method says how a method of a type is called.
type method struct {
	name         string // function, or method of compiled code
	prefix       bool   // the receiver is the first argument
	rep          string // of the receiver
	path         []int  // embedded fields that lead to it
	takesAddress bool   // the receiver's address is passed
	takesValue   bool   // the receiver is a pointer, its value is passed
	iface        bool   // the method is of an interface that the user declares
	evaluated    bool   // the call is made later: nil must be seen now
	sig          *types.Signature
}

// method finds a method of t.
func (g *gen) method(t types.Type, name string, pkg *types.Package, at ast.Node) *method {
	o, index, _ := types.LookupFieldOrMethod(t, true, pkg, name)
	f, ok := o.(*types.Func)
	if !ok {
		refuse(g.pos, "the method "+name, "")
	}
	m := &method{path: index[:len(index)-1], sig: f.Signature()}
	last := pathEnd(t, m.path)
	recv := f.Signature().Recv().Type()
	if types.IsInterface(last) {
		m.rep = g.rep(last)
		if g.l.native(last) {
			m.name = f.Name()
			return m
		}
		m.prefix, m.iface = true, true
		m.name = g.l.table(f.Name(), g.env.subst(f.Signature()).(*types.Signature)).call
		return m
	}
	m.rep = g.rep(recv)
	switch {
	case isPointer(recv) && !isPointer(last):
		m.takesAddress = true
	case !isPointer(recv) && isPointer(last):
		m.takesValue = true
	}
	n := namedOf(recv)
	if n == nil || !g.l.own(n.Obj()) {
		m.name = f.Name()
		m.rep = ""
		return m
	}
	m.prefix = true
	if n.TypeArgs().Len() > 0 {
		args := make([]types.Type, n.TypeArgs().Len())
		for i := range args {
			args[i] = g.env.subst(n.TypeArgs().At(i))
		}
		m.name = g.l.instance(f.Origin(), args, g.pos)
	} else {
		m.name = g.l.funcName(f)
	}
	return m
}

func namedOf(t types.Type) *types.Named {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, _ := t.(*types.Named)
	return n
}

// pathEnd is the type that embedded fields lead to.
func pathEnd(t types.Type, index []int) types.Type {
	for _, i := range index {
		if p, ok := under(t).(*types.Pointer); ok {
			t = p.Elem()
		}
		t = under(t).(*types.Struct).Field(i).Type()
	}
	return t
}

// receive is the receiver that m wants, from a value of type t.
func (m *method) receive(g *gen, text string, t types.Type) string {
	if len(m.path) > 0 {
		text, _ = g.path(text, t, m.path)
		if m.takesAddress {
			return "(&" + text + ")"
		}
	}
	if m.takesValue && m.prefix {
		return g.deref(text, pathEnd(t, m.path))
	}
	if m.iface && m.evaluated {
		return g.l.rtf("NotNil") + "(" + text + ")"
	}
	return text
}

// methodValue is x.M, not called: a closure with the receiver of now.
func (g *gen) methodValue(x *ast.SelectorExpr) string {
	sig := g.typeOf(x).(*types.Signature)
	t := g.typeOf(x.X)
	m := g.method(t, x.Sel.Name, g.src.pkg, x)
	m.evaluated = true
	recv := m.receive(g, g.receiverText(x.X, m), t)
	rep := m.rep
	if !m.prefix {
		last := pathEnd(t, m.path)
		rep = g.rep(last)
		if m.takesAddress {
			rep = "*" + rep
		}
	}
	r := g.l.fresh("r")
	head, names := g.paramList(sig)
	call := ""
	if m.prefix {
		call = m.name + "(" + join(append([]string{r}, names...)) + ")"
	} else {
		dots := ""
		if sig.Variadic() {
			dots = "..."
		}
		call = r + "." + m.name + "(" + join(names) + dots + ")"
	}
	maker := g.l.fresh("bound")
	g.writeMaker(maker, r+" "+rep, head, sig, call)
	return maker + "(" + recv + ")"
}

// methodExpr is T.M: a function whose first parameter is the receiver.
func (g *gen) methodExpr(x *ast.SelectorExpr) string {
	sig := g.typeOf(x).(*types.Signature)
	t := g.typeOf(x.X)
	m := g.method(t, x.Sel.Name, g.src.pkg, x)
	head, names := g.paramList(sig)
	recv := m.receive(g, names[0], t)
	call := ""
	if m.prefix {
		call = m.name + "(" + join(append([]string{recv}, names[1:]...)) + ")"
	} else {
		dots := ""
		if sig.Variadic() {
			dots = "..."
		}
		call = recv + "." + m.name + "(" + join(names[1:]) + dots + ")"
	}
	maker := g.l.fresh("expr")
	g.writeMaker(maker, "", head, sig, call)
	return maker + "()"
}
