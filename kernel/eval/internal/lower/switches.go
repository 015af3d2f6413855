package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// switchStmt makes of each case a condition.
func (g *gen) switchStmt(s *ast.SwitchStmt, label string) {
	g.line("{")
	defer g.line("}")
	if s.Init != nil {
		g.stmt(s.Init)
	}
	tag, tagType := "", types.Type(nil)
	if s.Tag != nil {
		g.mark(s.Tag)
		tagType = g.defaultType(s.Tag)
		tag = g.l.fresh("tag")
		g.line("%s := %s", tag, g.typed(g.value(s.Tag, tagType), tagType))
	}
	if !plainSwitch(s) {
		g.chosen(s, label, tag, tagType)
		return
	}
	g.putLabel(label)
	g.line("switch {")
	g.breakable(false, func() {
		for _, c := range s.Body.List {
			c := c.(*ast.CaseClause)
			if c.List == nil {
				g.line("default:")
			} else {
				g.line("case %s:", g.condition(c, tag, tagType))
			}
			g.stmts(c.Body)
		}
	})
	g.line("}")
}

// plainSwitch reports whether the interpreter takes a switch as it is: no
// fallthrough, and a default only after cases.
func plainSwitch(s *ast.SwitchStmt) bool {
	n := len(s.Body.List)
	for i, c := range s.Body.List {
		c := c.(*ast.CaseClause)
		if c.List == nil && (i < n-1 || n == 1) {
			return false
		}
		if k := len(c.Body); k > 0 {
			if b, ok := c.Body[k-1].(*ast.BranchStmt); ok && b.Tok == token.FALLTHROUGH {
				return false
			}
		}
	}
	return n > 0
}

// chosen first finds the clause and then runs it and those it falls through to.
func (g *gen) chosen(s *ast.SwitchStmt, label, tag string, tagType types.Type) {
	k := g.l.fresh("clause")
	g.line("%s := -1", k)
	depth := 0
	def := -1
	for i, c := range s.Body.List {
		c := c.(*ast.CaseClause)
		if c.List == nil {
			def = i
			continue
		}
		g.line("if %s { %s = %d } else {", g.condition(c, tag, tagType), k, i)
		depth++
	}
	g.line("%s = %d", k, def)
	g.line("%s", strings.Repeat("}", depth))
	g.putLabel(label)
	g.line("switch {")
	g.line("case %s >= 0:", k)
	g.breakable(false, func() {
		for i, c := range s.Body.List {
			c := c.(*ast.CaseClause)
			g.line("if %s == %d {", k, i)
			body := c.Body
			if n := len(body); n > 0 {
				if b, ok := body[n-1].(*ast.BranchStmt); ok && b.Tok == token.FALLTHROUGH {
					g.stmts(body[:n-1])
					g.line("%s = %d", k, i+1)
					body = nil
				}
			}
			g.stmts(body)
			g.line("}")
		}
	})
	g.line("}")
}

// condition is the condition of a clause.
func (g *gen) condition(c *ast.CaseClause, tag string, tagType types.Type) string {
	var conds []string
	for _, x := range c.List {
		switch {
		case tagType == nil && types.IsInterface(g.typeOf(x)):
			conds = append(conds, g.comparison(token.EQL, g.l.rtf("I")+"(bool(true))", anyType, g.expr(x), g.typeOf(x)))
		case tagType == nil:
			value, ok := g.decided(x)
			if !ok || value {
				conds = append(conds, g.expr(x))
			}
			if value {
				return either(conds)
			}
		default:
			conds = append(conds, g.equal(tag, tagType, g.expr(x), x))
		}
	}
	return either(conds)
}

// either is the condition that one of the conditions holds.
func either(conds []string) string {
	switch len(conds) {
	case 0:
		return noVar // the interpreter takes a clause with the constant
	case 1:
		return conds[0]
	}
	return "(" + strings.Join(conds, " || ") + ")"
}

// equal compares a value with an expression.
func (g *gen) equal(a string, at types.Type, b string, x ast.Expr) string {
	bt := g.typeOf(x)
	if isNil(bt) {
		return "(" + a + " == nil)"
	}
	if tv := g.src.info.Types[x]; tv.Value != nil && isUntyped(bt) {
		bt = at
		b = g.value(x, at)
	}
	return g.comparison(token.EQL, a, at, b, bt)
}

func isNil(t types.Type) bool {
	b, ok := t.(*types.Basic)
	return ok && b.Kind() == types.UntypedNil
}

func isUntyped(t types.Type) bool {
	b, ok := t.(*types.Basic)
	return ok && b.Info()&types.IsUntyped != 0
}

// typeSwitch asks the run-time support for each type.
func (g *gen) typeSwitch(s *ast.TypeSwitchStmt, label string) {
	g.line("{")
	defer g.line("}")
	if s.Init != nil {
		g.stmt(s.Init)
	}
	var x ast.Expr
	switch a := s.Assign.(type) {
	case *ast.ExprStmt:
		x = ast.Unparen(a.X).(*ast.TypeAssertExpr).X
	case *ast.AssignStmt:
		x = ast.Unparen(a.Rhs[0]).(*ast.TypeAssertExpr).X
	}
	from := g.typeOf(x)
	v := g.l.fresh("x")
	g.mark(x)
	g.line("%s := %s", v, g.expr(x))
	other := g.l.fresh("other")
	g.line("%s := true", other)
	g.line("_, _ = %s, %s", v, other)
	g.putLabel(label)
	g.line("switch {")
	g.breakable(false, func() {
		var def *ast.CaseClause
		for _, c := range s.Body.List {
			if c := c.(*ast.CaseClause); c.List == nil {
				def = c
			} else {
				g.typeClause(c, v, from, other)
			}
		}
		if def != nil {
			g.typeClause(def, v, from, other)
		}
	})
	g.line("}")
}

// typeClause is one clause; the interpreter takes a default only after others.
func (g *gen) typeClause(c *ast.CaseClause, v string, from types.Type, other string) {
	if c.List == nil {
		g.line("case %s:", other)
	} else {
		conds := make([]string, len(c.List))
		for i, x := range c.List {
			if isNil(g.typeOf(x)) {
				conds[i] = "(" + v + " == nil)"
				continue
			}
			conds[i] = g.l.isType(g.typeOf(x), v)
		}
		g.line("case %s:", either(conds))
	}
	if o := g.src.info.Implicits[c]; o != nil {
		t, value := from, v
		if len(c.List) == 1 && !isNil(g.typeOf(c.List[0])) {
			t = g.typeOf(c.List[0])
			value = g.l.unbox(t, v, from)
		}
		g.declareAs(o, t, value)
		g.line("_ = %s", g.local(o))
	}
	g.stmts(c.Body)
}

// selectStmt goes through the run-time support, which chooses as Go does.
func (g *gen) selectStmt(s *ast.SelectStmt, label string) {
	g.line("{")
	defer g.line("}")
	g.mark(s)
	var cases []string
	hasDefault := "false"
	type received struct{ value string }
	got := map[*ast.CommClause]received{}
	for _, c := range s.Body.List {
		c := c.(*ast.CommClause)
		if c.Comm == nil {
			hasDefault = "true"
			continue
		}
		if send, ok := c.Comm.(*ast.SendStmt); ok {
			elem := under(g.typeOf(send.Chan)).(*types.Chan).Elem()
			cases = append(cases, g.l.rtf("SendCase")+"("+g.expr(send.Chan)+", "+g.value(send.Value, elem)+")")
			continue
		}
		ch := received1(c.Comm)
		elem := under(g.typeOf(ch)).(*types.Chan).Elem()
		v := g.l.fresh("v")
		g.line("%s := new(%s)", v, g.rep(elem))
		got[c] = received{v}
		cases = append(cases, g.l.rtf("RecvCase")+"("+g.expr(ch)+", "+v+")")
	}
	n, ok := g.l.fresh("n"), g.l.fresh("ok")
	g.line("%s, %s := %s(%s%s)", n, ok, g.l.rtf("Select"), hasDefault, prefixAll(cases))
	g.line("_ = %s", ok)
	g.putLabel(label)
	g.line("switch {")
	i := 0
	for _, c := range s.Body.List {
		c := c.(*ast.CommClause)
		if c.Comm == nil {
			g.line("case %s == %d:", n, len(cases))
		} else {
			g.line("case %s == %d:", n, i)
			i++
			g.receivedInto(c.Comm, got[c].value, ok)
		}
		g.breakable(false, func() { g.stmts(c.Body) })
	}
	g.line("}")
}

func prefixAll(list []string) string {
	s := ""
	for _, x := range list {
		s += ", " + x
	}
	return s
}

// received1 is the channel of a receive statement.
func received1(s ast.Stmt) ast.Expr {
	var x ast.Expr
	switch s := s.(type) {
	case *ast.ExprStmt:
		x = s.X
	case *ast.AssignStmt:
		x = s.Rhs[0]
	}
	return ast.Unparen(x).(*ast.UnaryExpr).X
}

// receivedInto assigns what a select statement received.
func (g *gen) receivedInto(s ast.Stmt, value, ok string) {
	a, isAssign := s.(*ast.AssignStmt)
	if !isAssign {
		return
	}
	elem := under(g.typeOf(received1(s))).(*types.Chan).Elem()
	from := []types.Type{elem, types.Typ[types.Bool]}
	for i, src := range []string{"*" + value, ok} {
		if i >= len(a.Lhs) || isBlank(a.Lhs[i]) {
			continue
		}
		if o := g.defined(a.Lhs[i], a.Tok == token.DEFINE); o != nil {
			g.declareAs(o, g.env.subst(o.Type()), src)
			continue
		}
		g.put(a.Lhs[i], g.stable(a.Lhs[i]), g.conv(src, from[i], g.typeOf(a.Lhs[i])))
	}
}
