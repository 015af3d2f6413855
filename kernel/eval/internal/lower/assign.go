package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

func (g *gen) assignment(s *ast.AssignStmt) {
	switch s.Tok {
	case token.DEFINE:
		g.assign(s.Lhs, s.Rhs, true)
	case token.ASSIGN:
		g.assign(s.Lhs, s.Rhs, false)
	default:
		op := s.Tok - token.ADD_ASSIGN + token.ADD
		g.updateWith(s.Lhs[0], op, s.Rhs[0])
	}
}

// defined is the variable that x declares, or nil.
func (g *gen) defined(x ast.Expr, define bool) types.Object {
	if id, ok := x.(*ast.Ident); ok && define {
		return g.src.info.Defs[id]
	}
	return nil
}

// assign lowers lhs = rhs and, with define, lhs := rhs.
func (g *gen) assign(lhs, rhs []ast.Expr, define bool) {
	switch {
	case len(lhs) == 1:
		g.assignOne(lhs[0], rhs[0], define)
	case len(rhs) == len(lhs):
		g.assignMany(lhs, rhs, define)
	default:
		g.assignTuple(lhs, rhs[0], define)
	}
}

func (g *gen) assignOne(x, v ast.Expr, define bool) {
	if isBlank(x) {
		g.line("_ = %s", g.typed(g.value(v, g.defaultType(v)), g.defaultType(v)))
		return
	}
	if o := g.defined(x, define); o != nil {
		t := g.env.subst(o.Type())
		g.declareAs(o, t, g.value(v, t))
		return
	}
	t := g.typeOf(x)
	if !hasCalls(g.src.info, v) {
		g.put(x, g.place(x), g.typedFor(x, g.value(v, t), t))
		return
	}
	target := g.place(x)
	if hasCalls(g.src.info, x) {
		target = g.stable(x)
	}
	if id, ok := ast.Unparen(x).(*ast.Ident); ok && g.isLocal(g.src.info.ObjectOf(id)) && !g.vars.boxed(g.src.info.ObjectOf(id)) {
		g.line("%s = %s", target, g.value(v, t))
		return
	}
	tmp := g.l.fresh("t")
	g.line("%s := %s", tmp, g.typed(g.value(v, t), t))
	g.put(x, target, tmp)
}

// put assigns to the place that x is.
func (g *gen) put(x ast.Expr, place, value string) {
	if g.isHidden(x) {
		value = g.l.rtf("Hide") + "(" + value + ")"
	}
	g.line("%s = %s", place, value)
}

// typedFor gives nil its type where it is hidden.
func (g *gen) typedFor(x ast.Expr, value string, t types.Type) string {
	if g.isHidden(x) {
		return g.typed(value, t)
	}
	return value
}

// assignMany evaluates all operands before it assigns.
func (g *gen) assignMany(lhs, rhs []ast.Expr, define bool) {
	targets := make([]string, len(lhs))
	for i, x := range lhs {
		if !isBlank(x) && g.defined(x, define) == nil {
			targets[i] = g.stable(x)
		}
	}
	tmps := make([]string, len(lhs))
	for i, v := range rhs {
		t := g.targetType(lhs[i], v)
		tmps[i] = g.l.fresh("t")
		g.line("%s := %s", tmps[i], g.typed(g.value(v, t), t))
	}
	g.store(lhs, targets, tmps, define)
}

// targetType is the type that v is assigned as.
func (g *gen) targetType(x, v ast.Expr) types.Type {
	if isBlank(x) {
		return g.defaultType(v)
	}
	return g.typeOf(x)
}

func (g *gen) defaultType(v ast.Expr) types.Type {
	return types.Default(g.typeOf(v))
}

// store assigns temporaries to places or declares variables with them.
func (g *gen) store(lhs []ast.Expr, targets, tmps []string, define bool) {
	for i, x := range lhs {
		if isBlank(x) {
			continue
		}
		if o := g.defined(x, define); o != nil {
			g.declareAs(o, g.env.subst(o.Type()), tmps[i])
			continue
		}
		g.put(x, targets[i], tmps[i])
	}
}

// assignTuple lowers a, b = f() and the forms with a boolean.
func (g *gen) assignTuple(lhs []ast.Expr, v ast.Expr, define bool) {
	targets := make([]string, len(lhs))
	for i, x := range lhs {
		if !isBlank(x) && g.defined(x, define) == nil {
			targets[i] = g.stable(x)
		}
	}
	names, from := g.tuple(v)
	for i, x := range lhs {
		if isBlank(x) {
			continue
		}
		t := g.typeOf(x)
		names[i] = g.conv(names[i], from[i], t)
	}
	g.store(lhs, targets, names, define)
}

// tuple evaluates an expression with several values into temporaries.
func (g *gen) tuple(v ast.Expr) ([]string, []types.Type) {
	v = ast.Unparen(v)
	if call, ok := v.(*ast.CallExpr); ok {
		tup := g.typeOf(call).(*types.Tuple)
		names, typs := make([]string, tup.Len()), make([]types.Type, tup.Len())
		for i := range names {
			names[i], typs[i] = g.l.fresh("t"), tup.At(i).Type()
		}
		g.line("%s := %s", join(names), g.expr(call))
		return names, typs
	}
	a, ok := g.l.fresh("t"), g.l.fresh("t")
	typ := g.typeOf(v)
	if tup, isTuple := typ.(*types.Tuple); isTuple {
		typ = tup.At(0).Type()
	}
	boolean := types.Typ[types.Bool]
	switch v := v.(type) {
	case *ast.IndexExpr:
		m := under(g.typeOf(v.X)).(*types.Map)
		g.line("%s, %s := %s[%s]", a, ok, g.expr(v.X), g.key(v.Index, m))
	case *ast.TypeAssertExpr:
		g.assertTwo(a, ok, v)
	case *ast.UnaryExpr:
		g.receive(a, ok, g.expr(v.X), typ)
	}
	return []string{a, ok}, []types.Type{typ, boolean}
}

func isBlank(x ast.Expr) bool {
	id, ok := ast.Unparen(x).(*ast.Ident)
	return ok && id.Name == "_"
}

// updateWith lowers x op= v.
func (g *gen) updateWith(x ast.Expr, op token.Token, v ast.Expr) {
	place := g.place(x)
	if hasCalls(g.src.info, x) || hasCalls(g.src.info, v) {
		place = g.stable(x)
	}
	value := ""
	if op == token.SHL || op == token.SHR {
		value = g.shiftCount(v)
	} else {
		value = g.value(v, g.typeOf(x))
	}
	g.line("%s = %s %s %s", place, place, op, value)
}

// update lowers x op= value; the operands of x are evaluated once.
func (g *gen) update(x ast.Expr, op token.Token, value string) {
	place := g.place(x)
	if hasCalls(g.src.info, x) {
		place = g.stable(x)
	}
	g.line("%s = %s %s %s", place, place, op, value)
}

// place is x as the left side of an assignment.
func (g *gen) place(x ast.Expr) string {
	if p, ok := x.(*ast.ParenExpr); ok {
		return g.place(p.X)
	}
	if i, ok := x.(*ast.IndexExpr); ok {
		if m, ok := under(g.typeOf(i.X)).(*types.Map); ok {
			return g.expr(i.X) + "[" + g.key(i.Index, m) + "]"
		}
	}
	if s, ok := x.(*ast.StarExpr); ok {
		return "*" + g.expr(s.X)
	}
	if s, ok := x.(*ast.SelectorExpr); ok && g.src.info.Selections[s] != nil {
		return g.fieldPlace(g.base(s.X), g.typeOf(s.X), s.Sel.Name)
	}
	if id, ok := x.(*ast.Ident); ok {
		o := g.src.info.ObjectOf(id)
		if g.isLocal(o) && g.vars.boxed(o) {
			return "*" + g.local(o)
		}
	}
	return g.expr(x)
}

// stable is x as a place whose operands have been evaluated.
func (g *gen) stable(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.ParenExpr:
		return g.stable(x.X)
	case *ast.StarExpr:
		return "*" + g.keep(g.expr(x.X), x.X)
	case *ast.SelectorExpr:
		if g.src.info.Selections[x] == nil {
			return g.expr(x)
		}
		base := ""
		if isPointer(g.typeOf(x.X)) {
			base = g.keep(g.expr(x.X), x.X)
		} else if g.throughPointer(x) {
			return g.place(x)
		} else {
			base = operandOf(g.stable(x.X))
		}
		return g.fieldPlace(base, g.typeOf(x.X), x.Sel.Name)
	case *ast.IndexExpr:
		switch u := under(g.typeOf(x.X)).(type) {
		case *types.Map:
			m := g.keep(g.expr(x.X), x.X)
			return m + "[" + g.keep(g.key(x.Index, u), x.Index) + "]"
		case *types.Array:
			return operandOf(g.stable(x.X)) + "[" + g.keep(g.index(x), x.Index) + "]"
		default:
			a := g.keep(g.expr(x.X), x.X)
			return a + "[" + g.keep(g.index(x), x.Index) + "]"
		}
	}
	return g.place(x)
}

// operandOf is a place as the operand of a selector or an index.
func operandOf(place string) string {
	if strings.HasPrefix(place, "*") {
		return "(" + place + ")"
	}
	return place
}

// keep puts a value that may change into a temporary.
func (g *gen) keep(text string, x ast.Expr) string {
	if tv, ok := g.src.info.Types[x]; ok && tv.Value != nil {
		return text
	}
	tmp := g.l.fresh("t")
	g.line("%s := %s", tmp, text)
	return tmp
}
