package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
)

// index is the index of x, checked where the message of a bad one can be seen.
func (g *gen) index(x *ast.IndexExpr) string {
	t := g.typeOf(x.Index)
	if tv := g.src.info.Types[x.Index]; tv.Value != nil {
		t = types.Typ[types.Int]
	}
	return g.value(x.Index, types.Default(t))
}

func (g *gen) indexed(x *ast.IndexExpr) string {
	if tv, ok := g.src.info.Types[x.Index]; ok && tv.IsType() {
		return g.funcValue(x)
	}
	t := g.typeOf(x.X)
	if m, ok := under(t).(*types.Map); ok {
		return g.expr(x.X) + "[" + g.key(x.Index, m) + "]"
	}
	a, i := g.expr(x.X), g.index(x)
	if _, ok := under(t).(*types.Basic); ok {
		return "uint8(" + a + "[" + g.checked(a, i, x) + "])"
	}
	return a + "[" + g.checked(a, i, x) + "]"
}

// key is a key of a map.
func (g *gen) key(x ast.Expr, m *types.Map) string {
	s := g.value(x, m.Key())
	if s == "nil" {
		return g.zero(m.Key())
	}
	if tv := g.src.info.Types[x]; types.IsInterface(m.Key()) && !g.l.native(m.Key()) && tv.Value == nil {
		return g.l.rtf("Key") + "(" + s + ")"
	}
	return s
}

// strict reports whether the message of a bad index is to have its numbers here.
// A check takes as long as five indexes, so that is so where a program can see
// messages, and in statements that run once.
func (g *gen) strict() bool {
	b := g.body
	return g.l.strict || b != nil && b.once && b.loops == 0 && len(b.labels) == 0
}

// checked wraps an index in a check whose message is Go's, where that matters.
func (g *gen) checked(a, i string, x *ast.IndexExpr) string {
	if !g.strict() || hasCalls(g.src.info, x.X) {
		return i
	}
	if _, ok := under(g.typeOf(x.X)).(*types.Pointer); ok {
		return i
	}
	if tv := g.src.info.Types[x.Index]; tv.Value != nil {
		if _, ok := under(g.typeOf(x.X)).(*types.Array); ok {
			return i
		}
	}
	if b, ok := under(g.typeOf(x.Index)).(*types.Basic); ok && b.Info()&types.IsUnsigned != 0 {
		return fmt.Sprintf("%s(uint64(%s), len(%s))", g.l.rtf("IndexU"), i, a)
	}
	return fmt.Sprintf("%s(int(%s), len(%s))", g.l.rtf("Index"), i, a)
}

func (g *gen) sliced(x *ast.SliceExpr) string {
	t := g.typeOf(x.X)
	a := ""
	if _, ok := under(t).(*types.Array); ok {
		a = "(*" + g.address(x.X) + ")"
	} else if _, ok := under(t).(*types.Pointer); ok {
		a = "(*" + g.expr(x.X) + ")"
	} else {
		a = g.expr(x.X)
	}
	part := func(e ast.Expr) string {
		if e == nil {
			return ""
		}
		return "int(" + g.value(e, types.Default(g.typeOf(e))) + ")"
	}
	lo, hi, most := part(x.Low), part(x.High), part(x.Max)
	if g.strict() && (lo != "" || hi != "") {
		if !hasCalls(g.src.info, x) {
			return g.checkedSlice(x, t, a, [3]string{lo, hi, most})
		}
		if _, ok := under(t).(*types.Array); !ok {
			return g.slicer(x, t) + "(" + join(present(g.expr(x.X), lo, hi, most)) + ")"
		}
	}
	text := a + "[" + lo + ":" + hi
	if x.Slice3 {
		text += ":" + most
	}
	return text + "]"
}

func present(list ...string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

// slicer is a function that slices: its operands are evaluated once.
func (g *gen) slicer(x *ast.SliceExpr, t types.Type) string {
	part, head := [3]string{}, "a "+g.rep(t)
	shape := ""
	for i, e := range []ast.Expr{x.Low, x.High, x.Max} {
		if e != nil {
			part[i] = string("ijk"[i])
			head += ", " + part[i] + " int"
			shape += fmt.Sprint(" ", i, isUnsigned(g.typeOf(e)))
		}
	}
	key := "slicer " + g.rep(t) + shape
	name, ok := g.l.named[key]
	if !ok {
		name = g.l.fresh("slice")
		g.l.named[key] = name
		a, result := "a", g.rep(t)
		if p, ok := under(t).(*types.Pointer); ok {
			a, result = "(*a)", "[]"+g.rep(under(p.Elem()).(*types.Array).Elem())
		}
		fmt.Fprintf(&g.l.file.funcs, "func %s(%s) %s { return %s }\n\n", name, head, result, g.checkedSlice(x, t, a, part))
	}
	return name
}

// checkedSlice slices with bounds checked as Go does.
func (g *gen) checkedSlice(x *ast.SliceExpr, t types.Type, a string, part [3]string) string {
	if part[0] == "" {
		part[0] = "0"
	}
	limit, flags := "cap("+a+")", 0
	switch under(t).(type) {
	case *types.Basic, *types.Array, *types.Pointer:
		limit, flags = "len("+a+")", fixedLength
	}
	for i, e := range []ast.Expr{x.Low, x.High, x.Max} {
		if e != nil && isUnsigned(g.typeOf(e)) {
			flags |= lowUnsigned << i
		}
	}
	if part[1] == "" {
		part[1] = "len(" + a + ")"
	}
	if x.Slice3 {
		return fmt.Sprintf("%s[%s(%d, %s, %s, %s, %s):%s:%s]", a, g.l.rtf("Slice3"), flags, part[0], part[1], part[2], limit, part[1], part[2])
	}
	return fmt.Sprintf("%s[%s(%s, %s, %s, %d):%s]", a, g.l.rtf("Slice"), part[0], part[1], limit, flags, part[1])
}

func isUnsigned(t types.Type) bool {
	b, ok := under(t).(*types.Basic)
	return ok && b.Info()&types.IsUnsigned != 0
}
