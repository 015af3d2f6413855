package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// forStmt lowers a for statement. Variables that outlive an iteration get a
// value of their own in each; the others are plain.
func (g *gen) forStmt(s *ast.ForStmt, label string) {
	g.line("{")
	defer g.line("}")
	var vars []types.Object
	if s.Init != nil {
		g.stmt(s.Init)
		vars = g.boxedVars(s.Init)
	}
	post := ""
	if s.Post != nil {
		post = g.captureLines(func() { g.stmt(s.Post) })
	}
	if len(vars) == 0 && lines(post) <= 1 {
		cond := ""
		if s.Cond != nil {
			cond = g.expr(s.Cond)
			g.mark(s.Cond)
		}
		g.putLabel(label)
		g.line("for ; %s; %s {", cond, trimLine(post))
		g.loopBody(s.Body, s, turning{label, s.Cond})
		return
	}
	g.forEach(s, label, vars, post)
}

// forEach writes a loop whose variables are other ones each time round.
func (g *gen) forEach(s *ast.ForStmt, label string, vars []types.Object, post string) {
	first := g.l.fresh("first")
	g.line("%s := true", first)
	g.putLabel(label)
	g.line("for {")
	g.line("if %s { %s = false } else {", first, first)
	for _, o := range vars {
		n, t := g.l.fresh("n"), g.rep(o.Type())
		g.line("%s := new(%s)", n, t)
		g.line("*%s = *%s", n, g.local(o))
		g.line("%s = %s", g.local(o), n)
	}
	g.w.WriteString(post)
	g.line("}")
	if s.Cond != nil {
		g.mark(s.Cond)
		g.line("if !(%s) { break }", g.expr(s.Cond))
	}
	g.loopBody(s.Body, s, turning{label: label})
}

func (g *gen) putLabel(label string) {
	if label != "" {
		g.line("%s:", label)
	}
}

func lines(s string) int {
	n := 0
	for _, c := range s {
		if c == '\n' {
			n++
		}
	}
	return n
}

func trimLine(s string) string {
	if s == "" {
		return s
	}
	return s[1 : len(s)-1]
}

func (g *gen) boxedVars(init ast.Stmt) []types.Object {
	a, ok := init.(*ast.AssignStmt)
	if !ok || a.Tok != token.DEFINE {
		return nil
	}
	var out []types.Object
	for _, x := range a.Lhs {
		if o := g.defined(x, true); o != nil && g.vars.boxed(o) {
			out = append(out, o)
		}
	}
	return out
}

// rangeStmt lowers a range statement by the kind of what it ranges over.
func (g *gen) rangeStmt(s *ast.RangeStmt, label string) {
	g.line("{")
	defer g.line("}")
	g.mark(s.X)
	t := g.typeOf(s.X)
	switch u := under(t).(type) {
	case *types.Basic:
		if u.Info()&types.IsString != 0 {
			g.rangeString(s, label)
			return
		}
		g.rangeInt(s, label)
	case *types.Slice:
		g.rangeIndexed(s, label, u.Elem(), g.expr(s.X))
	case *types.Array:
		g.rangeIndexed(s, label, u.Elem(), g.expr(s.X))
	case *types.Pointer:
		g.rangeIndexed(s, label, under(u.Elem()).(*types.Array).Elem(), g.expr(s.X))
	case *types.Map:
		g.rangeMap(s, label, u)
	case *types.Chan:
		g.rangeChan(s, label, u)
	case *types.Signature:
		g.rangeFunc(s, label, u)
	default:
		g.refuse(s, "a range over "+t.String(), "")
	}
}

// bind gives the variables of a range statement their values.
func (g *gen) bind(s *ast.RangeStmt, x ast.Expr, value string, t types.Type) {
	if x == nil || isBlank(x) {
		return
	}
	if o := g.defined(x, s.Tok == token.DEFINE); o != nil {
		g.declareAs(o, g.env.subst(o.Type()), value)
		return
	}
	g.put(x, g.stable(x), g.conv(value, t, g.typeOf(x)))
}

func (g *gen) rangeInt(s *ast.RangeStmt, label string) {
	t := g.typeOf(s.X)
	if s.Key != nil && !isBlank(s.Key) {
		t = g.typeOf(s.Key)
	}
	t = types.Default(t)
	h, n := g.l.fresh("h"), g.l.fresh("n")
	g.line("%s := %s", n, g.value(s.X, t))
	g.putLabel(label)
	g.line("for %s := %s; %s < %s; %s = %s + %s {", h, g.zero(t), h, n, h, h, g.constant(one, t))
	g.bind(s, s.Key, h, t)
	g.loopBody(s.Body, s, turning{label: label})
}

func (g *gen) rangeIndexed(s *ast.RangeStmt, label string, elem types.Type, value string) {
	a, h, n := g.l.fresh("a"), g.l.fresh("h"), g.l.fresh("n")
	needed := s.Value != nil && !isBlank(s.Value)
	if _, isArray := under(g.typeOf(s.X)).(*types.Array); isArray && !needed && !hasCalls(g.src.info, s.X) {
		g.line("%s := %d", n, under(g.typeOf(s.X)).(*types.Array).Len())
	} else if p, ok := under(g.typeOf(s.X)).(*types.Pointer); ok {
		if needed || hasCalls(g.src.info, s.X) {
			g.line("%s := %s", a, value)
			g.line("_ = %s", a)
		}
		g.line("%s := %d", n, under(p.Elem()).(*types.Array).Len())
	} else {
		g.line("%s := %s", a, value)
		g.line("%s := len(%s)", n, a)
	}
	g.putLabel(label)
	g.line("for %s := 0; %s < %s; %s = %s + 1 {", h, h, n, h, h)
	if g.twoTargets(s) {
		t := g.l.fresh("t")
		g.line("%s := %s[%s]", t, a, h)
		g.rangeTargets(s, h, t, elem)
	} else {
		g.bind(s, s.Key, h, types.Typ[types.Int])
		g.bind(s, s.Value, a+"["+h+"]", elem)
	}
	g.loopBody(s.Body, s, turning{label: label})
}

// rangeTargets assigns key and value of a range to places at once.
func (g *gen) rangeTargets(s *ast.RangeStmt, key, value string, elem types.Type) {
	k := ""
	if !isBlank(s.Key) {
		k = g.stable(s.Key)
	}
	v := g.stable(s.Value)
	if k != "" {
		g.put(s.Key, k, g.conv(key, types.Typ[types.Int], g.typeOf(s.Key)))
	}
	g.put(s.Value, v, g.conv(value, elem, g.typeOf(s.Value)))
}

// twoTargets reports whether a range statement assigns to places that may
// depend on each other.
func (g *gen) twoTargets(s *ast.RangeStmt) bool {
	return s.Tok == token.ASSIGN && s.Value != nil && !isBlank(s.Value)
}

func (g *gen) rangeString(s *ast.RangeStmt, label string) {
	is, rs, h := g.l.fresh("is"), g.l.fresh("rs"), g.l.fresh("h")
	g.line("%s, %s := %s(%s)", is, rs, g.l.rtf("Runes"), g.value(s.X, types.Typ[types.String]))
	g.putLabel(label)
	g.line("for %s := 0; %s < len(%s); %s = %s + 1 {", h, h, is, h, h)
	if g.twoTargets(s) {
		k := g.l.fresh("k")
		g.line("%s := %s[%s]", k, is, h)
		g.rangeTargets(s, k, rs+"["+h+"]", types.Typ[types.Int32])
	} else {
		g.bind(s, s.Key, is+"["+h+"]", types.Typ[types.Int])
		g.bind(s, s.Value, rs+"["+h+"]", types.Typ[types.Int32])
	}
	g.line("_ = %s", rs)
	g.loopBody(s.Body, s, turning{label: label})
}

func (g *gen) rangeMap(s *ast.RangeStmt, label string, m *types.Map) {
	k, v := g.l.fresh("k"), g.l.fresh("v")
	it := g.l.fresh("it")
	g.line("%s := %s(%s)", it, g.l.rtf("MapRange"), g.expr(s.X))
	g.putLabel(label)
	g.line("for %s.Next() {", it)
	if s.Key != nil && !isBlank(s.Key) {
		g.line("%s := new(%s)", k, g.rep(m.Key()))
		g.line("%s.Key(%s)", it, k)
		g.bind(s, s.Key, "*"+k, m.Key())
	}
	if s.Value != nil && !isBlank(s.Value) {
		g.line("%s := new(%s)", v, g.rep(m.Elem()))
		g.line("%s.Value(%s)", it, v)
		g.bind(s, s.Value, "*"+v, m.Elem())
	}
	g.loopBody(s.Body, s, turning{label: label})
}

func (g *gen) rangeChan(s *ast.RangeStmt, label string, c *types.Chan) {
	ch, v, ok := g.l.fresh("c"), g.l.fresh("v"), g.l.fresh("ok")
	g.line("%s := %s", ch, g.expr(s.X))
	g.putLabel(label)
	g.line("for {")
	g.receive(v, ok, ch, c.Elem())
	g.line("if !%s { break }", ok)
	g.bind(s, s.Key, v, c.Elem())
	g.loopBody(s.Body, s, turning{label: label})
}

// iteration is a range over a function: its body is a closure, which says in
// code how it was left.
type iteration struct {
	code   string // a *int: 0 goes on, exitBreak stops, others see exits
	label  string // of the statement, as the user wrote it
	values []result
	exits  []exit
	leaves bool
}

type exit struct {
	tok   token.Token
	label string
}

const (
	exitBreak  = 1
	exitReturn = 2
	exitOther  = 3 // and up
)

func (it *iteration) exit(tok token.Token, label string) int {
	e := exit{tok, label}
	for i, x := range it.exits {
		if x == e {
			return exitOther + i
		}
	}
	it.exits = append(it.exits, e)
	return exitOther + len(it.exits) - 1
}

// returning leaves the function from within the body.
func (it *iteration) returning(g *gen, values []string) {
	it.leaves = true
	if len(values) > 0 {
		g.setResults(it.values, values)
	}
	g.line("*%s = %d", it.code, exitReturn)
	g.line("return false")
}

func (g *gen) rangeFunc(s *ast.RangeStmt, label string, sig *types.Signature) {
	yield := under(sig.Params().At(0).Type()).(*types.Signature)
	it := &iteration{code: g.l.fresh("code")}
	if label != "" {
		it.label = label[len("L_"):]
	}
	g.line("%s := new(int)", it.code)
	extra := []capture{{it.code, "*int"}}
	for _, r := range g.resultTypes() {
		name := g.l.fresh("r")
		if r.boxed && r.obj != nil {
			name = r.name
		} else {
			g.line("%s := new(%s)", name, g.rep(r.typ))
			if r.name != "" { // a result that no closure uses: its value is here
				g.line("*%s = %s", name, r.name)
			}
		}
		it.values = append(it.values, result{name: name, typ: r.typ, boxed: true, obj: r.obj})
		extra = append(extra, capture{name, "*" + g.rep(r.typ)})
	}
	lit := g.iterBody(s, it, yield, extra)
	g.putLabel(label)
	if label != "" { // goes round once: a label names a loop
		g.line("for {")
	}
	g.line("%s(%s)", g.callee(s.X), lit)
	if label != "" {
		g.line("break")
		g.line("}")
	}
	g.afterFunc(it)
}

// callee is an expression of a function type, to be called.
func (g *gen) callee(x ast.Expr) string {
	f := g.l.fresh("f")
	g.line("%s := %s", f, g.expr(x))
	return f
}

func (g *gen) iterBody(s *ast.RangeStmt, it *iteration, yield *types.Signature, extra []capture) string {
	up := g.body
	defer func() { g.body = up }()
	extra = append(extra, g.frameCaptures(up)...)
	for b := up; b != nil; b = b.up {
		if b.iter != nil {
			extra = append(extra, capture{b.iter.code, "*int"})
			for _, v := range b.iter.values {
				extra = append(extra, capture{v.name, "*" + g.rep(v.typ)})
			}
		}
	}
	params, names := "", make([]string, yield.Params().Len())
	for i := range names {
		names[i] = g.l.fresh("y")
		if i > 0 {
			params += ", "
		}
		params += names[i] + " " + g.rep(yield.Params().At(i).Type())
	}
	node := &ast.RangeStmt{Key: s.Key, Value: s.Value, X: s.X, Body: s.Body, Tok: s.Tok}
	return g.makeClosure("("+params+")", " bool", func() {
		g.body = &body{up: up, iter: it, frame: up.frame, caught: up.caught, labels: labelsIn(s.Body)}
		g.line("if *%s != 0 { %s() }", it.code, g.l.rtf("Misuse"))
		for i, x := range []ast.Expr{s.Key, s.Value} {
			if i < len(names) {
				g.bind(s, x, names[i], yield.Params().At(i).Type())
			}
		}
		g.turn(s, g.captureLines(func() { g.stmts(s.Body.List) }))
		g.line("return true")
	}, node, extra...)
}

// afterFunc goes where the body wanted to go, and makes later calls of it panic.
func (g *gen) afterFunc(it *iteration) {
	how := g.l.fresh("how")
	g.line("%s := *%s", how, it.code)
	g.line("*%s = %d", it.code, exitBreak)
	g.line("_ = %s", how)
	if it.leaves {
		g.line("if %s == %d {", how, exitReturn)
		values := make([]string, len(it.values))
		for i, v := range it.values {
			values[i] = "*" + v.name
		}
		g.leave(values, false)
		g.line("}")
	}
	for i, e := range it.exits {
		g.line("if %s == %d {", how, exitOther+i)
		g.jump(g.root, e.tok, e.label)
		g.line("}")
	}
}
