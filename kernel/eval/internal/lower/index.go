package lower

import (
	"fmt"
	"go/ast"
	"go/types"
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
	if s := g.value(x, m.Key()); s != "nil" {
		return s
	}
	return g.zero(m.Key())
}

// checked wraps an index in a check whose message is Go's, if the program can
// see messages.
func (g *gen) checked(a, i string, x *ast.IndexExpr) string {
	if !g.l.strict || hasCalls(g.src.info, x.X) {
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
	if g.l.strict && !hasCalls(g.src.info, x.X) && (lo != "" || hi != "") {
		return g.checkedSlice(x, t, a, [3]string{lo, hi, most})
	}
	text := a + "[" + lo + ":" + hi
	if x.Slice3 {
		text += ":" + most
	}
	return text + "]"
}

// checkedSlice slices with bounds checked as Go does.
func (g *gen) checkedSlice(x *ast.SliceExpr, t types.Type, a string, part [3]string) string {
	if part[0] == "" {
		part[0] = "0"
	}
	kind, limit := "Slice", "cap("+a+")"
	switch under(t).(type) {
	case *types.Basic, *types.Array, *types.Pointer:
		kind, limit = "SliceString", "len("+a+")"
	}
	if part[1] == "" {
		part[1] = "len(" + a + ")"
	}
	if x.Slice3 {
		return fmt.Sprintf("%s[%s(%s, %s, %s, %s):%s:%s]", a, g.l.rtf("Slice3"), part[0], part[1], part[2], limit, part[1], part[2])
	}
	return fmt.Sprintf("%s[%s(%s, %s, len(%s), %s):%s]", a, g.l.rtf(kind), part[0], part[1], a, limit, part[1])
}
