package lower

import (
	"fmt"
	"go/ast"
	"go/types"
)

// conv converts a value to a type that it is assignable to.
func (g *gen) conv(s string, from, to types.Type) string {
	if to == nil || from == nil {
		return s
	}
	from, to = g.env.subst(from), g.env.subst(to)
	if isNil(from) {
		return "nil"
	}
	if types.IsInterface(to) {
		return g.toInterface(s, from, to)
	}
	if g.rep(from) == g.rep(to) || isUntyped(from) {
		return s
	}
	return "(" + g.rep(to) + ")(" + s + ")"
}

// toInterface puts a value into an interface, or moves it to another.
func (g *gen) toInterface(s string, from, to types.Type) string {
	if isUntyped(from) {
		from = types.Default(from)
	}
	switch {
	case types.IsInterface(from) && g.l.native(from) && g.l.native(to):
		if types.Identical(from, to) {
			return s
		}
		return g.l.toNative(to) + "(" + g.l.rtf("Any") + "(" + s + "))"
	case types.IsInterface(from) && g.l.native(from):
		return g.l.rtf("Any") + "(" + s + ")"
	case !types.IsInterface(from):
		s = g.l.box(s, from)
	}
	if g.l.native(to) {
		return g.l.toNative(to) + "(" + s + ")"
	}
	return s
}

// box makes an interface value that knows its type.
func (l *Lowerer) box(s string, t types.Type) string {
	if l.faithful(t) {
		return l.rtf("I") + "(" + s + ")"
	}
	return fmt.Sprintf("%s(%d, %s)", l.rtf("Box"), l.boxIndex(t), s)
}

// boxIndex is the number of a type whose values are put in interfaces.
func (l *Lowerer) boxIndex(t types.Type) int {
	i := l.index(t)
	if l.once("boxed %d", i) {
		l.rt.setBoxed(i)
		l.boxed = append(l.boxed, t)
	}
	return i
}

// toNative is the helper that converts to an interface of compiled code.
func (l *Lowerer) toNative(t types.Type) string {
	if types.Identical(t, types.Universe.Lookup("error").Type()) {
		return l.rtf("Error")
	}
	i := l.index(t)
	key := fmt.Sprintf("native %d", i)
	if n, ok := l.named[key]; ok {
		return n
	}
	name := l.fresh("to")
	l.named[key] = name
	l.ifaces = append(l.ifaces, t)
	l.joined = 0
	rep := l.rep(t)
	fmt.Fprintf(&l.file.funcs, "func %s(x interface{}) %s {\n\tr := new(%s)\n\t%s(%d, x, r)\n\treturn *r\n}\n\n", name, rep, rep, l.rtf("Native"), i)
	return name
}

// isType is the question whether the interface value v holds a t.
func (l *Lowerer) isType(t types.Type, v string) string {
	return fmt.Sprintf("%s(%d, %s)", l.rtf("Is"), l.index(t), v)
}

// unbox takes a t, which it is known to hold, out of the interface value v.
func (l *Lowerer) unbox(t types.Type, v string, from types.Type) string {
	if types.IsInterface(t) {
		if l.native(t) {
			return l.toNative(t) + "(" + l.rtf("Any") + "(" + v + "))"
		}
		return l.rtf("Any") + "(" + v + ")"
	}
	i := l.index(t)
	key := fmt.Sprintf("unbox %d", i)
	name, ok := l.named[key]
	if !ok {
		name = l.fresh("as")
		l.named[key] = name
		rep := l.rep(t)
		fmt.Fprintf(&l.file.funcs, "func %s(x interface{}) %s {\n\tr := new(%s)\n\t%s(x, r)\n\treturn *r\n}\n\n", name, rep, rep, l.rtf("Get"))
	}
	return name + "(" + v + ")"
}

// assertOne is x.(T).
func (g *gen) assertOne(x *ast.TypeAssertExpr) string {
	t, from := g.typeOf(x.Type), g.typeOf(x.X)
	v := fmt.Sprintf("%s(%d, %d, %s)", g.l.rtf("Must"), g.l.index(t), g.l.rt.add(from), g.expr(x.X))
	return g.l.unbox(t, v, from)
}

// assertTwo is a, ok := x.(T).
func (g *gen) assertTwo(a, ok string, x *ast.TypeAssertExpr) {
	t := g.typeOf(x.Type)
	v := g.l.fresh("x")
	g.line("%s := %s", v, g.expr(x.X))
	g.line("%s := %s", ok, g.l.isType(t, v))
	g.line("%s := %s", a, g.zero(t))
	g.line("if %s { %s = %s }", ok, a, g.l.unbox(t, v, g.typeOf(x.X)))
}

// conversion is T(x).
func (g *gen) conversion(x *ast.CallExpr) string {
	to, arg := g.typeOf(x), x.Args[0]
	from := g.typeOf(arg)
	if isNil(from) {
		if types.IsInterface(to) {
			return g.zero(to)
		}
		return "(" + g.rep(to) + ")(nil)"
	}
	if types.IsInterface(to) {
		if isUntyped(from) {
			from = types.Default(from)
			return g.conv(g.value(arg, from), from, to)
		}
		return g.conv(g.expr(arg), from, to)
	}
	if isUntyped(from) {
		from = types.Default(from)
	}
	return g.convert(g.value(arg, from), from, to)
}

// convert converts between concrete types.
func (g *gen) convert(s string, from, to types.Type) string {
	fb, fromBasic := under(from).(*types.Basic)
	tb, toBasic := under(to).(*types.Basic)
	switch {
	case toBasic && fromBasic && tb.Info()&types.IsString != 0 && fb.Info()&types.IsInteger != 0:
		return g.rep(to) + "(" + g.l.rtf("RuneString") + "(int64(" + s + ")))"
	case g.rep(from) == g.rep(to):
		return s
	case toBasic && fromBasic:
		return g.rep(to) + "(" + s + ")"
	}
	if a, ok := under(to).(*types.Array); ok {
		if _, ok := under(from).(*types.Slice); ok {
			return g.sliceToArray(s, from, to, a)
		}
	}
	if _, ok := under(to).(*types.Pointer); ok && g.l.rep(from) != g.l.rep(to) {
		return g.pointerConversion(s, from, to)
	}
	return "(" + g.rep(to) + ")(" + s + ")"
}

func (g *gen) pointerConversion(s string, from, to types.Type) string {
	refuse(g.pos, "a conversion between pointer types", "")
	return s
}

func (g *gen) sliceToArray(s string, from, to types.Type, a *types.Array) string {
	key := "array " + g.rep(to)
	name, ok := g.l.named[key]
	if !ok {
		name = g.l.fresh("array")
		g.l.named[key] = name
		rep := g.rep(to)
		fmt.Fprintf(&g.l.file.funcs, "func %s(s %s) %s {\n\t%s(len(s), %d)\n\ta := new(%s)\n\tfor i := 0; i < %d; i = i + 1 { a[i] = s[i] }\n\treturn *a\n}\n\n",
			name, g.rep(from), rep, g.l.rtf("ArrayLen"), a.Len(), rep, a.Len())
	}
	return name + "(" + s + ")"
}
