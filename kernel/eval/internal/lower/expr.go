package lower

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

var one = constant.MakeInt64(1)

func join(list []string) string { return strings.Join(list, ", ") }

// value is x converted to the type t that its place has. The interpreter does
// not see that a pointer is nil when it only copies what it points to.
func (g *gen) value(x ast.Expr, t types.Type) string {
	if s, ok := ast.Unparen(x).(*ast.StarExpr); ok {
		return g.conv(g.deref(g.expr(s.X), g.typeOf(s.X)), g.typeOf(x), t)
	}
	return g.operand(x, t)
}

// deref is *p with a check.
func (g *gen) deref(p string, t types.Type) string {
	rep := g.rep(t)
	key := "deref " + rep
	name, ok := g.l.named[key]
	if !ok {
		name = g.l.fresh("deref")
		g.l.named[key] = name
		fmt.Fprintf(&g.l.file.funcs, "func %s(p %s) %s {\n\tif p == nil {\n\t\t%s()\n\t}\n\treturn *p\n}\n\n", name, rep, rep[1:], g.l.rtf("NilPointer"))
	}
	return name + "(" + p + ")"
}

// nonNil is the pointer p with a check.
func (g *gen) nonNil(p string, t types.Type) string {
	rep := g.rep(t)
	key := "nonnil " + rep
	name, ok := g.l.named[key]
	if !ok {
		name = g.l.fresh("pointer")
		g.l.named[key] = name
		fmt.Fprintf(&g.l.file.funcs, "func %s(p %s) %s {\n\tif p == nil {\n\t\t%s()\n\t}\n\treturn p\n}\n\n", name, rep, rep, g.l.rtf("NilPointer"))
	}
	return name + "(" + p + ")"
}

// operand is value where the interpreter looks at what it gets.
func (g *gen) operand(x ast.Expr, t types.Type) string {
	if tv, ok := g.src.info.Types[x]; ok && tv.Value != nil && !types.IsInterface(t) {
		return g.constant(tv.Value, t)
	}
	return g.conv(g.expr(x), g.typeOf(x), t)
}

// expr lowers an expression; its value has the type that go/types found.
func (g *gen) expr(x ast.Expr) string {
	if tv, ok := g.src.info.Types[x]; ok && tv.Value != nil {
		return g.constant(tv.Value, types.Default(g.env.subst(tv.Type)))
	}
	switch x := x.(type) {
	case *ast.ParenExpr:
		return g.expr(x.X)
	case *ast.Ident:
		return g.ident(x)
	case *ast.FuncLit:
		return g.literal(x)
	case *ast.CompositeLit:
		return g.composite(x, g.typeOf(x))
	case *ast.SelectorExpr:
		return g.selector(x)
	case *ast.IndexExpr:
		return g.indexed(x)
	case *ast.IndexListExpr:
		return g.funcValue(x)
	case *ast.SliceExpr:
		return g.sliced(x)
	case *ast.StarExpr:
		return "(*" + g.expr(x.X) + ")"
	case *ast.UnaryExpr:
		return g.unary(x)
	case *ast.BinaryExpr:
		return g.binary(x)
	case *ast.CallExpr:
		return g.call(x)
	case *ast.TypeAssertExpr:
		return g.assertOne(x)
	}
	g.refuse(x, "this expression", "")
	return ""
}

func (g *gen) ident(x *ast.Ident) string {
	o := g.src.info.ObjectOf(x)
	switch o := o.(type) {
	case *types.Nil:
		return "nil"
	case *types.Func:
		return g.funcValue(x)
	case *types.Var:
		if !g.isLocal(o) {
			return g.l.global(o)
		}
		if g.vars.boxed(o) {
			return "(*" + g.local(o) + ")"
		}
		return g.local(o)
	}
	g.refuse(x, x.Name, "")
	return ""
}

// selector lowers x.f where it is not called.
func (g *gen) selector(x *ast.SelectorExpr) string {
	sel := g.src.info.Selections[x]
	if sel == nil {
		o := g.src.info.Uses[x.Sel]
		if _, ok := o.(*types.Func); ok {
			return g.funcValue(x)
		}
		return g.l.imported(o.Pkg().Path()) + "." + o.Name()
	}
	switch sel.Kind() {
	case types.MethodVal:
		return g.methodValue(x)
	case types.MethodExpr:
		return g.methodExpr(x)
	}
	return g.fieldOf(g.base(x.X), g.typeOf(x.X), x.Sel.Name)
}

// base is x as the operand of a selector: a variable behind a pointer is left
// as the pointer.
func (g *gen) base(x ast.Expr) string {
	if id, ok := ast.Unparen(x).(*ast.Ident); ok {
		o := g.src.info.ObjectOf(id)
		if o != nil && g.isLocal(o) && g.vars.boxed(o) {
			if _, ok := under(o.Type()).(*types.Struct); ok {
				return g.local(o)
			}
		}
	}
	if s, ok := ast.Unparen(x).(*ast.StarExpr); ok {
		if _, ok := under(g.typeOf(x)).(*types.Struct); ok {
			return g.expr(s.X)
		}
	}
	return g.expr(x)
}

// fieldOf selects a field, with the embedded fields on the way written out.
func (g *gen) fieldOf(base string, t types.Type, name string) string {
	o, index, _ := types.LookupFieldOrMethod(t, true, g.src.pkg, name)
	if o == nil {
		refuse(g.pos, "the field "+name, "")
	}
	text, _ := g.path(base, t, index)
	return text
}

// fieldPlace is fieldOf as a place: a hidden field is left as it is.
func (g *gen) fieldPlace(base string, t types.Type, name string) string {
	_, index, _ := types.LookupFieldOrMethod(t, true, g.src.pkg, name)
	n := len(index) - 1
	base, t = g.path(base, t, index[:n])
	if p, ok := under(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if !g.l.hidden(t, index[n]) {
		base, _ = g.path(base, t, index[n:])
		return base
	}
	return base + "." + fieldName(under(t).(*types.Struct), index[n])
}

// isHidden reports whether x is a hidden field.
func (g *gen) isHidden(x ast.Expr) bool {
	s, ok := ast.Unparen(x).(*ast.SelectorExpr)
	if !ok || g.src.info.Selections[s] == nil || g.src.info.Selections[s].Kind() != types.FieldVal {
		return false
	}
	t := g.typeOf(s.X)
	_, index, _ := types.LookupFieldOrMethod(t, true, g.src.pkg, s.Sel.Name)
	t = pathEnd(t, index[:len(index)-1])
	if p, ok := under(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	return g.l.hidden(t, index[len(index)-1])
}

// path follows field indexes; in a struct of compiled code Go's own promotion
// finds the rest of the way.
func (g *gen) path(base string, t types.Type, index []int) (string, types.Type) {
	for k, i := range index {
		if p, ok := under(t).(*types.Pointer); ok {
			t = p.Elem()
		}
		s := under(t).(*types.Struct)
		if n, ok := types.Unalias(t).(*types.Named); ok && !g.l.own(n.Obj()) {
			for _, i := range index[k:] {
				if p, ok := under(t).(*types.Pointer); ok {
					t = p.Elem()
				}
				s = under(t).(*types.Struct)
				t = s.Field(i).Type()
				base2 := s.Field(i).Name()
				if s.Field(i).Exported() || i == index[len(index)-1] {
					base += "." + base2
				}
			}
			return base, t
		}
		base += "." + fieldName(s, i)
		if g.l.hidden(t, i) {
			base = g.l.shown(base, g.env.subst(s.Field(i).Type()))
		}
		t = s.Field(i).Type()
	}
	return base, t
}

// address is &x.
func (g *gen) address(x ast.Expr) string {
	x = ast.Unparen(x)
	switch x := x.(type) {
	case *ast.CompositeLit:
		return "&" + g.composite(x, g.typeOf(x))
	case *ast.Ident:
		o := g.src.info.ObjectOf(x)
		if g.isLocal(o) {
			return g.local(o)
		}
		return "(&" + g.l.global(o) + ")"
	case *ast.StarExpr:
		return g.nonNil(g.expr(x.X), g.typeOf(x.X))
	case *ast.IndexExpr:
		if _, ok := under(g.typeOf(x.X)).(*types.Pointer); ok {
			return "(&(*" + g.expr(x.X) + ")[" + g.checked("(*"+g.expr(x.X)+")", g.index(x), x) + "])"
		}
	}
	if g.isHidden(x) {
		g.refuse(x, "the address of a field by which types refer to each other", "")
	}
	return "(&" + g.place(x) + ")"
}

func (g *gen) unary(x *ast.UnaryExpr) string {
	switch x.Op {
	case token.AND:
		return g.address(x.X)
	case token.ARROW:
		return g.receiver(g.typeOf(x.X)) + "(" + g.expr(x.X) + ")"
	}
	return "(" + x.Op.String() + g.value(x.X, g.typeOf(x)) + ")"
}

func (g *gen) binary(x *ast.BinaryExpr) string {
	switch x.Op {
	case token.LAND, token.LOR:
		if v, ok := g.decided(x.X); ok {
			if v == (x.Op == token.LAND) {
				return g.expr(x.Y)
			}
			return g.constant(constant.MakeBool(v), types.Typ[types.Bool])
		}
		return "(" + g.expr(x.X) + " " + x.Op.String() + " " + g.expr(x.Y) + ")"
	case token.SHL, token.SHR:
		return "(" + g.value(x.X, g.typeOf(x)) + " " + x.Op.String() + " " + g.shiftCount(x.Y) + ")"
	case token.EQL, token.NEQ:
		return g.equality(x)
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
		t := g.operandType(x)
		return "(" + g.operand(x.X, t) + " " + x.Op.String() + " " + g.operand(x.Y, t) + ")"
	}
	t := g.typeOf(x)
	if isUntyped(t) {
		t = types.Default(t)
	}
	return "(" + g.operand(x.X, t) + " " + x.Op.String() + " " + g.operand(x.Y, t) + ")"
}

// decided is the value of a condition that constants decide, though it may not be
// one: the interpreter evaluates both sides of an operator after a constant.
func (g *gen) decided(x ast.Expr) (value, ok bool) {
	if tv := g.src.info.Types[x]; tv.Value != nil {
		return constant.BoolVal(tv.Value), true
	}
	switch x := ast.Unparen(x).(type) {
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			value, ok = g.decided(x.X)
			return ok && !value, ok
		}
	case *ast.BinaryExpr:
		if x.Op != token.LAND && x.Op != token.LOR {
			return false, false
		}
		if value, ok = g.decided(x.X); ok && value == (x.Op == token.LAND) {
			return g.decided(x.Y)
		}
		return value, ok
	}
	return false, false
}

// operandType is the type in which a comparison is made.
func (g *gen) operandType(x *ast.BinaryExpr) types.Type {
	a, b := g.typeOf(x.X), g.typeOf(x.Y)
	if isUntyped(a) {
		a = b
	}
	return types.Default(a)
}

func (g *gen) equality(x *ast.BinaryExpr) string {
	a, b := g.typeOf(x.X), g.typeOf(x.Y)
	op := x.Op.String()
	switch {
	case isNil(b):
		return "(" + g.expr(x.X) + " " + op + " nil)"
	case isNil(a):
		return "(" + g.expr(x.Y) + " " + op + " nil)"
	}
	if isUntyped(a) && !isUntyped(b) {
		a = b
	}
	if isUntyped(b) {
		b = a
	}
	if types.IsInterface(a) != types.IsInterface(b) {
		if g.src.info.Types[x.X].Value != nil {
			a = types.Default(g.typeOf(x.X))
		}
		if g.src.info.Types[x.Y].Value != nil {
			b = types.Default(g.typeOf(x.Y))
		}
	}
	a, b = types.Default(a), types.Default(b)
	return g.comparison(x.Op, g.value(x.X, a), a, g.value(x.Y, b), b)
}

// comparison is a == b or a != b.
func (g *gen) comparison(op token.Token, a string, at types.Type, b string, bt types.Type) string {
	if types.IsInterface(at) || types.IsInterface(bt) {
		any := types.Universe.Lookup("any").Type()
		not := ""
		if op == token.NEQ {
			not = "!"
		}
		return fmt.Sprintf("%s%s(%s, %s)", not, g.l.rtf("Equal"), g.conv(a, at, any), g.conv(b, bt, any))
	}
	return "(" + a + " " + op.String() + " " + g.conv(b, bt, at) + ")"
}

// shiftCount is a count for a shift as an unsigned number.
func (g *gen) shiftCount(x ast.Expr) string {
	if tv := g.src.info.Types[x]; tv.Value != nil {
		return "uint(" + constant.ToInt(tv.Value).ExactString() + ")"
	}
	t := g.typeOf(x)
	if b, ok := under(t).(*types.Basic); ok && b.Info()&types.IsUnsigned == 0 {
		return g.l.rtf("Shift") + "(int64(" + g.expr(x) + "))"
	}
	return "uint64(" + g.expr(x) + ")"
}
