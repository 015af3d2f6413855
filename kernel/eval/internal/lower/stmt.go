package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

func (g *gen) stmts(list []ast.Stmt) {
	for _, s := range list {
		g.stmt(s)
	}
}

// stmt lowers one statement.
func (g *gen) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.EmptyStmt:
	case *ast.BlockStmt:
		g.line("{")
		g.stmts(s.List)
		g.line("}")
	case *ast.ExprStmt:
		g.mark(s)
		g.line("%s", g.statement(s.X))
	case *ast.AssignStmt:
		g.mark(s)
		g.assignment(s)
	case *ast.IncDecStmt:
		g.mark(s)
		op := token.ADD
		if s.Tok == token.DEC {
			op = token.SUB
		}
		g.update(s.X, op, g.constant(one, g.typeOf(s.X)))
	case *ast.DeclStmt:
		g.declaration(s.Decl.(*ast.GenDecl))
	case *ast.ReturnStmt:
		g.mark(s)
		g.returns(s)
	case *ast.IfStmt:
		g.ifStmt(s)
	case *ast.ForStmt:
		g.forStmt(s, "")
	case *ast.RangeStmt:
		g.rangeStmt(s, "")
	case *ast.SwitchStmt:
		g.switchStmt(s, "")
	case *ast.TypeSwitchStmt:
		g.typeSwitch(s, "")
	case *ast.SelectStmt:
		g.selectStmt(s, "")
	case *ast.LabeledStmt:
		g.labeled(s)
	case *ast.BranchStmt:
		g.branch(s)
	case *ast.SendStmt:
		g.mark(s)
		elem := under(g.typeOf(s.Chan)).(*types.Chan).Elem()
		g.line("%s(%s, %s)", g.l.rtf("Send"), g.expr(s.Chan), g.value(s.Value, elem))
	case *ast.DeferStmt:
		g.mark(s)
		g.line("%s.Defer(%v, %s)", g.body.frame, g.mayRecover(s.Call), g.thunk(s.Call))
	case *ast.GoStmt:
		g.mark(s)
		g.line("%s(%s)", g.l.rtf("Go"), g.thunk(s.Call))
	default:
		g.refuse(s, "this statement", "")
	}
}

// mark notes which statement runs, if it can panic and is the user's.
func (g *gen) mark(n ast.Node) {
	if g.placed(n) && g.canPanic(n) {
		g.line("%s = %d", posVar, g.l.rt.addPosition(n.Pos()))
	}
}

// placed reports whether n has a place that the user knows; within the prelude it is
// that of the call.
func (g *gen) placed(n ast.Node) bool {
	return g.l.Positions && n.Pos().IsValid() && !g.src.prelude()
}

func (g *gen) canPanic(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.BlockStmt:
			return false
		case *ast.CallExpr:
			found = found || !g.src.info.Types[n.Fun].IsType() && !g.measures(n)
		case *ast.IndexExpr, *ast.SliceExpr, *ast.StarExpr, *ast.TypeAssertExpr, *ast.SendStmt:
			found = true
		case *ast.SelectorExpr:
			found = found || g.src.info.Selections[n] != nil && g.throughPointer(n)
		case *ast.BinaryExpr:
			found = found || n.Op == token.QUO || n.Op == token.REM || n.Op == token.SHL || n.Op == token.SHR
		case *ast.AssignStmt:
			found = found || n.Tok == token.QUO_ASSIGN || n.Tok == token.REM_ASSIGN || n.Tok == token.SHL_ASSIGN || n.Tok == token.SHR_ASSIGN
		}
		return !found
	})
	return found
}

// measures reports whether a call is of a builtin that cannot panic.
func (g *gen) measures(x *ast.CallExpr) bool {
	b, ok := calleeObject(g.src.info, x).(*types.Builtin)
	return ok && (b.Name() == "len" || b.Name() == "cap" || b.Name() == "append" || b.Name() == "min" || b.Name() == "max" || b.Name() == "copy")
}

// statement is an expression as a statement: a call or a receive.
func (g *gen) statement(x ast.Expr) string {
	x = ast.Unparen(x)
	if _, ok := x.(*ast.UnaryExpr); ok {
		return "_ = " + g.expr(x)
	}
	s := g.expr(x)
	if strings.HasPrefix(s, "(") || strings.HasPrefix(s, "*") {
		return "_ = " + s
	}
	return s
}

func (g *gen) declaration(d *ast.GenDecl) {
	if d.Tok != token.VAR {
		return
	}
	for _, s := range d.Specs {
		s := s.(*ast.ValueSpec)
		g.mark(s)
		if len(s.Values) == 0 {
			for _, id := range s.Names {
				if o := g.src.info.Defs[id]; o != nil && id.Name != "_" {
					g.declareZero(o, g.env.subst(o.Type()))
				}
			}
			continue
		}
		lhs := make([]ast.Expr, len(s.Names))
		for i, id := range s.Names {
			lhs[i] = id
		}
		g.assign(lhs, s.Values, true)
	}
}

// declareZero declares a variable without a value.
func (g *gen) declareZero(o types.Object, t types.Type) {
	if g.vars.boxed(o) {
		g.line("%s := new(%s)", g.local(o), g.rep(t))
		return
	}
	g.line("%s := %s", g.local(o), g.zero(t))
}

// declareAs declares a variable with a value.
func (g *gen) declareAs(o types.Object, t types.Type, value string) {
	if g.vars.boxed(o) {
		name := g.local(o)
		if mentions(value, name) { // an outer instance of the same variable
			tmp := g.l.fresh("t")
			g.line("%s := %s", tmp, value)
			value = tmp
		}
		g.line("%s := new(%s)", name, g.rep(t))
		g.line("*%s = %s", name, value)
		return
	}
	g.line("%s := %s", g.local(o), g.typed(value, t))
}

// typed makes sure that an expression that defines a variable has the type t.
func (g *gen) typed(value string, t types.Type) string {
	if value == "nil" {
		return g.zero(t)
	}
	return value
}

// zero is the zero value of a type.
func (g *gen) zero(t types.Type) string {
	rep := g.rep(t)
	switch u := under(t).(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsBoolean != 0:
			return rep + "(false)"
		case u.Info()&types.IsString != 0:
			return rep + `("")`
		}
		return rep + "(0)"
	case *types.Struct, *types.Array:
		return rep + "{}"
	}
	return "*new(" + rep + ")"
}

func (g *gen) ifStmt(s *ast.IfStmt) {
	if s.Init != nil {
		g.line("{")
		defer g.line("}")
		g.stmt(s.Init)
	}
	g.mark(s.Cond)
	g.line("if %s {", g.expr(s.Cond))
	g.stmts(s.Body.List)
	switch e := s.Else.(type) {
	case nil:
		g.line("}")
	case *ast.BlockStmt:
		g.line("} else {")
		g.stmts(e.List)
		g.line("}")
	case *ast.IfStmt:
		g.line("} else {")
		g.ifStmt(e)
		g.line("}")
	}
}

// labeled puts the label where the interpreter expects it: straight before the
// loop or switch that it names.
func (g *gen) labeled(s *ast.LabeledStmt) {
	label := g.label(s.Label.Name)
	g.countGotos(s)
	if usesLabel(g.root, s.Label.Name, token.GOTO) {
		g.line("%s_goto:", label)
	}
	switch t := s.Stmt.(type) {
	case *ast.ForStmt:
		g.forStmt(t, label)
	case *ast.RangeStmt:
		g.rangeStmt(t, label)
	case *ast.SwitchStmt:
		g.switchStmt(t, label)
	case *ast.TypeSwitchStmt:
		g.typeSwitch(t, label)
	case *ast.SelectStmt:
		g.selectStmt(t, label)
	case *ast.BlockStmt:
		g.line("%s:", label)
		g.line("for {")
		g.breakable(false, func() { g.stmts(t.List) })
		g.line("break")
		g.line("}")
	default:
		g.stmt(s.Stmt)
	}
}

// countGotos refuses what the interpreter does not come to an end with.
func (g *gen) countGotos(s *ast.LabeledStmt) {
	targets := map[string]bool{}
	ast.Inspect(g.root, func(n ast.Node) bool {
		if b, ok := n.(*ast.BranchStmt); ok && b.Tok == token.GOTO {
			targets[b.Label.Name] = true
		}
		return true
	})
	if len(targets) > 1 {
		g.refuse(s, "goto to several labels in one function", "")
	}
}

func (g *gen) label(name string) string { return "L_" + clean(name) }

// usesLabel reports whether a branch of a kind names the label.
func usesLabel(root ast.Node, name string, tok token.Token) bool {
	found := false
	ast.Inspect(root, func(n ast.Node) bool {
		if b, ok := n.(*ast.BranchStmt); ok && b.Label != nil && b.Label.Name == name {
			found = found || b.Tok == tok
		}
		return !found
	})
	return found
}

// breakable lowers what break, and continue if it is a loop, leave natively.
func (g *gen) breakable(loop bool, step func()) {
	g.body.breaks++
	if loop {
		g.body.loops++
	}
	step()
	g.body.breaks--
	if loop {
		g.body.loops--
	}
}

// turning is a loop within which the next statement stands.
type turning struct {
	label string   // as it is written, or ""
	cond  ast.Expr // what is evaluated next time round, or nil
}

// within lowers the body of a loop. Before its end and before each continue it
// says that the condition comes next, if that can panic.
func (g *gen) within(t turning, list []ast.Stmt) string {
	g.body.turns = append(g.body.turns, t)
	text := g.captureLines(func() { g.breakable(true, func() { g.stmts(list) }) })
	g.body.turns = g.body.turns[:len(g.body.turns)-1]
	if t.cond == nil || !strings.Contains(text, posVar) {
		return text
	}
	return text + g.captureLines(func() { g.mark(t.cond) })
}

// continues says that the condition of the loop comes next that a continue is for.
func (g *gen) continues(label string) {
	for i := len(g.body.turns) - 1; i >= 0; i-- {
		if t := g.body.turns[i]; label == "" || t.label == g.label(label) {
			if t.cond != nil {
				g.mark(t.cond)
			}
			return
		}
	}
}

func (g *gen) branch(s *ast.BranchStmt) {
	name := ""
	if s.Label != nil {
		name = s.Label.Name
	}
	g.jump(s, s.Tok, name)
}

// jump leaves by break, continue, goto or fallthrough. Out of the body of a
// range over a function the way leads through the function.
func (g *gen) jump(n ast.Node, tok token.Token, label string) {
	b := g.body
	it := b.iter
	switch {
	case tok == token.FALLTHROUGH:
		g.line("fallthrough")
	case label == "" && tok == token.BREAK && (it == nil || b.breaks > 0):
		g.line("break")
	case label == "" && tok == token.CONTINUE && (it == nil || b.loops > 0):
		g.continues("")
		g.line("continue")
	case label != "" && (it == nil || b.labels[label]):
		l := g.label(label)
		if tok == token.GOTO {
			l += "_goto"
			g.turn(n, "")
		}
		if tok == token.CONTINUE {
			g.continues(label)
		}
		g.line("%s %s", tok, l)
	case tok == token.CONTINUE && (label == "" || clean(label) == it.label):
		g.line("return true")
	case tok == token.BREAK && (label == "" || clean(label) == it.label):
		g.line("*%s = %d", it.code, exitBreak)
		g.line("return false")
	default:
		g.line("*%s = %d", it.code, it.exit(tok, label))
		g.line("return false")
	}
}
