package lower

import (
	"fmt"
	"go/token"
	"go/types"
)

// table dispatches one method of the interfaces that the user declares: by the
// number of a value's type it finds the function.
type table struct {
	name string // of the method
	key  string
	sig  *types.Signature
	tab  string // the map
	call string // the dispatcher
}

// table returns the dispatcher of a method name with a signature.
func (l *Lowerer) table(name string, sig *types.Signature) *table {
	key := name + l.signature(sig)
	if t, ok := l.tableOf[key]; ok {
		return t
	}
	t := &table{name: name, key: key, sig: sig, tab: l.fresh("table_" + name), call: l.fresh("dispatch_" + name)}
	l.tableOf[key] = t
	l.tables = append(l.tables, t)
	l.joined = 0
	head, names := (&gen{l: l}).paramList(sig)
	fn := "func" + typesOnly("(x interface{}"+prefixAll(head)+")") + l.results(sig)
	ret := ""
	if sig.Results().Len() > 0 {
		ret = "return "
	}
	fmt.Fprintf(&l.file.funcs, "var %s map[int]%s\n\n", t.tab, fn)
	fmt.Fprintf(&l.file.funcs, "func %s(x interface{}%s)%s {\n\tf := %s[%s(x)]\n\tif f == nil {\n\t\tg := new(%s)\n\t\t%s(%q, x, g)\n\t\tf = *g\n\t}\n\t%sf(x%s)\n}\n\n",
		t.call, prefixAll(head), l.results(sig), t.tab, l.rtf("ID"), fn, l.rtf("Bind"), name, ret, prefixAll(names))
	l.file.early = append(l.file.early, fmt.Sprintf("\t%s = map[int]%s{}", t.tab, fn))
	return t
}

func (l *Lowerer) unjoined() bool { return l.joined < len(l.boxed) }

// join enters the methods of the types whose values are in interfaces into the
// tables, the wrappers of compiled interfaces and the run-time support.
func (l *Lowerer) join() {
	for i := 0; i < len(l.boxed); i++ {
		t := l.boxed[i]
		l.components(t, map[types.Type]bool{})
		set := types.NewMethodSet(t)
		for k := range set.Len() {
			f, ok := set.At(k).Obj().(*types.Func)
			if !ok {
				continue
			}
			l.joinMethod(i, t, f, set.At(k).Type().(*types.Signature))
		}
		for k, iface := range l.ifaces {
			if types.Implements(t, iface.Underlying().(*types.Interface)) {
				l.joinIface(t, k, iface)
			}
		}
	}
	l.joined = len(l.boxed)
}

// once reports whether a step is taken for the first time.
func (l *Lowerer) once(format string, args ...any) bool {
	key := fmt.Sprintf(format, args...)
	if _, ok := l.named[key]; ok {
		return false
	}
	l.named[key] = ""
	return true
}

func (l *Lowerer) joinMethod(i int, t types.Type, f *types.Func, sig *types.Signature) {
	if specials[f.Name()] && l.once("special %d %s", i, f.Name()) {
		l.file.early = append(l.file.early, fmt.Sprintf("\t%s(%d, %q, %s)", l.rtf("Method"), l.index(t), f.Name(), l.entry(t, f, sig)))
	}
	tab := l.tableOf[f.Name()+l.signature(sig)]
	if tab != nil && l.once("entry %d %s", i, tab.key) {
		l.file.early = append(l.file.early, fmt.Sprintf("\t%s[%d] = %s", tab.tab, l.index(t), l.entry(t, f, sig)))
	}
}

// specials are the methods that the run-time support calls itself.
var specials = map[string]bool{
	"Error": true, "String": true, "GoString": true, "Format": true, "Unwrap": true, "Is": true, "As": true,
	"MarshalJSON": true, "UnmarshalJSON": true, "MarshalText": true, "UnmarshalText": true,
	"HTML": true, "SVG": true, "PNG": true, "Markdown": true, "LaTeX": true, "JSON": true, "MimeBundle": true, // see Obj.Call
}

// entry is a function that calls a method of the t in its first argument.
func (l *Lowerer) entry(t types.Type, f *types.Func, sig *types.Signature) string {
	g := l.newGen(l.main, nil)
	g.pos = token.NoPos
	head, names := g.paramList(sig)
	v := l.unbox(t, "x", nil)
	call := g.callOn("v", t, f, names)
	ret := ""
	if sig.Results().Len() > 0 {
		ret = "return "
	}
	name := l.fresh("entry")
	fmt.Fprintf(&l.file.funcs, "func %s(x interface{}%s)%s {\n\tv := %s\n\t%s%s\n}\n\n", name, prefixAll(head), l.results(sig), v, ret, call)
	return "func(x interface{}" + prefixAll(head) + ")" + l.results(sig) + " { " + ret + name + "(x" + prefixAll(names) + ") }"
}

// callOn calls a method on the variable v, which has type t.
func (g *gen) callOn(v string, t types.Type, f *types.Func, args []string) string {
	m := g.method(t, f.Name(), f.Pkg(), nil)
	recv := m.receive(g, v, t)
	if m.takesAddress && len(m.path) == 0 {
		recv = "(&" + recv + ")"
	}
	if m.takesValue && m.prefix && len(m.path) == 0 {
		recv = g.l.pointed(v, t, f)
	}
	if m.prefix {
		return m.name + "(" + join(append([]string{recv}, args...)) + ")"
	}
	dots := ""
	if m.sig.Variadic() {
		dots = "..."
	}
	return recv + "." + m.name + "(" + join(args) + dots + ")"
}

// pointed is the value for a method that an interface calls on a pointer.
func (l *Lowerer) pointed(v string, t types.Type, f *types.Func) string {
	rep := l.rep(t)
	name := l.fresh("pointed")
	fmt.Fprintf(&l.file.funcs, "func %s(p %s) %s {\n\tif p == nil {\n\t\t%s(%q, %q)\n\t}\n\treturn *p\n}\n\n", name, rep, rep[1:], l.rtf("NilMethod"), typeString(namedOf(t)), f.Name())
	return name + "(" + v + ")"
}

// joinIface tells the run-time support how a t becomes a compiled interface.
func (l *Lowerer) joinIface(t types.Type, k int, iface types.Type) {
	i := l.index(t)
	if !l.once("native %d %d", i, k) {
		return
	}
	set := iface.Underlying().(*types.Interface)
	for m := range set.NumMethods() {
		f := set.Method(m)
		if !l.once("bind %d %s", i, f.Name()) {
			continue
		}
		sig := f.Signature()
		if sig.Variadic() {
			refuse(token.NoPos, "a variadic method called by compiled code", "")
		}
		g := l.newGen(l.main, nil)
		head, names := g.paramList(sig)
		maker := l.fresh("bind")
		own, _, _ := types.LookupFieldOrMethod(t, true, f.Pkg(), f.Name())
		g.writeMaker(maker, "v "+l.rep(t), head, sig, g.callOn("v", t, own.(*types.Func), names))
		l.file.early = append(l.file.early, fmt.Sprintf("\t%s(%d, %q, func(x interface{}) interface{} { return %s(%s(%s)) })",
			l.rtf("Binder"), i, f.Name(), l.rtf("I"), maker, l.unbox(t, "x", nil)))
	}
}

// components makes the methods known that fmt calls on the parts of a value.
func (l *Lowerer) components(t types.Type, seen map[types.Type]bool) {
	if seen[t] {
		return
	}
	seen[t] = true
	part := func(t types.Type) {
		for _, c := range []types.Type{t, types.NewPointer(t)} {
			if n := namedOf(c); n != nil && l.own(n.Obj()) && !types.IsInterface(n) && hasSpecial(c) {
				if _, ptr := c.(*types.Pointer); ptr && types.IsInterface(t) {
					continue
				}
				l.boxIndex(c)
			}
		}
		l.components(t, seen)
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		part(u.Elem())
	case *types.Slice:
		part(u.Elem())
	case *types.Array:
		part(u.Elem())
	case *types.Map:
		part(u.Key())
		part(u.Elem())
	case *types.Struct:
		if n := namedOf(t); n == nil || l.own(n.Obj()) {
			for f := range u.Fields() {
				part(f.Type())
			}
		}
	}
}

func hasSpecial(t types.Type) bool {
	if p, ok := t.(*types.Pointer); ok {
		if _, ok := p.Elem().Underlying().(*types.Pointer); ok {
			return false
		}
	}
	set := types.NewMethodSet(t)
	for i := range set.Len() {
		if specials[set.At(i).Obj().Name()] {
			return true
		}
	}
	return false
}
