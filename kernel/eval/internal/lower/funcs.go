package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// gen writes one function of the user's with the closures in it.
type gen struct {
	l     *Lowerer
	src   *source
	env   env
	vars  *analysis
	names map[types.Object]string

	w    strings.Builder // statements of the body that is written now
	body *body
	pos  token.Pos
	root ast.Node // the body of the whole function
	once bool     // that runs once: main and init

	later bool // the call that is taken apart next is made later
}

// body is a function body or a part of one that becomes a closure.
type body struct {
	up      *body           // the body around that of a range over a function
	results []result        // of the function that a return statement leaves
	direct  bool            // return passes values; else it sets the results, which are boxes
	frame   string          // the variable with the deferred calls, if there are any
	iter    *iteration      // of the body of a range over a function
	labels  map[string]bool // declared in this body
	caught  string          // the variable with the panic that recover takes, if it is called
	breaks  int             // statements around this one, within the body, that break leaves
	loops   int             // loops around this one, within the body
	turns   []turning       // these loops
	once    bool            // runs once
}

// result is a result of a function, by the name of its variable.
type result struct {
	name  string
	typ   types.Type
	boxed bool
	obj   types.Object
}

func (l *Lowerer) newGen(src *source, e env) *gen {
	return &gen{l: l, src: src, env: e, names: map[types.Object]string{}}
}

// line writes a statement.
func (g *gen) line(format string, args ...any) {
	g.w.WriteString("\t")
	fmt.Fprintf(&g.w, format, args...)
	g.w.WriteByte('\n')
}

// captureLines returns what step writes.
func (g *gen) captureLines(step func()) string {
	old := g.w
	g.w = strings.Builder{}
	step()
	s := g.w.String()
	g.w = strings.Builder{}
	g.w.WriteString(old.String())
	return s
}

func (g *gen) refuse(n ast.Node, construct, why string) {
	refuse(n.Pos(), construct, why)
}

// typeOf is the type of an expression in this instance of the function.
func (g *gen) typeOf(x ast.Expr) types.Type {
	if tv, ok := g.src.info.Types[x]; ok {
		return g.env.subst(tv.Type)
	}
	if id, ok := x.(*ast.Ident); ok {
		if o := g.src.info.ObjectOf(id); o != nil {
			return g.env.subst(o.Type())
		}
	}
	return nil
}

func (g *gen) rep(t types.Type) string { return g.l.rep(g.env.subst(t)) }

// local is the name of a local variable.
func (g *gen) local(o types.Object) string {
	if n, ok := g.names[o]; ok {
		return n
	}
	n := g.l.fresh(o.Name())
	g.names[o] = n
	return n
}

func (g *gen) isLocal(o types.Object) bool {
	v, ok := o.(*types.Var)
	return ok && !v.IsField() && o.Parent() != nil && (o.Pkg() == nil || o.Parent() != o.Pkg().Scope())
}

// writeFunc lowers a declared function under a name.
func (l *Lowerer) writeFunc(name string, f *function, e env) {
	g := l.newGen(f.src, e)
	g.pos, g.root = f.decl.Pos(), f.decl.Body
	g.once = f.decl.Recv == nil && (f.decl.Name.Name == "init" || f.decl.Name.Name == "main")
	g.vars = g.analyse(f.decl.Type, f.decl.Recv, f.decl.Body)
	sig := g.env.subst(f.src.info.Defs[f.decl.Name].Type()).(*types.Signature)
	var params []param
	if f.decl.Recv != nil {
		params = g.params(f.decl.Recv)
	}
	params = append(params, g.params(f.decl.Type.Params)...)
	text := g.function(params, f.decl.Type, f.decl.Body, sig, l.file.guarded[f.decl])
	fmt.Fprintf(&l.file.funcs, "func %s%s\n\n", name, text)
}

// param is a parameter: its variable and the name by which it comes in.
type param struct {
	name string
	obj  types.Object
	typ  types.Type
}

func (g *gen) params(list *ast.FieldList) []param {
	var out []param
	for _, f := range list.List {
		t := g.typeOf(f.Type)
		if _, ok := f.Type.(*ast.Ellipsis); ok {
			t = types.NewSlice(g.typeOf(f.Type.(*ast.Ellipsis).Elt))
		}
		if len(f.Names) == 0 {
			out = append(out, param{g.l.fresh("p"), nil, t})
		}
		for _, id := range f.Names {
			o := g.src.info.Defs[id]
			if o == nil || id.Name == "_" {
				out = append(out, param{g.l.fresh("p"), nil, t})
				continue
			}
			out = append(out, param{g.l.fresh(id.Name), o, t})
		}
	}
	return out
}

// function is the text of parameters, results and body of a function.
func (g *gen) function(params []param, typ *ast.FuncType, block *ast.BlockStmt, sig *types.Signature, guarded bool) string {
	oldBody := g.body
	defer func() { g.body = oldBody }()
	g.body = &body{direct: true, labels: labelsIn(block), once: g.once && block == g.root}
	var head []string
	for _, p := range params {
		head = append(head, p.name+" "+g.rep(p.typ))
	}
	text := g.captureLines(func() {
		if guarded {
			g.line("%s()", g.l.rtf("Enter"))
		}
		for _, p := range params {
			g.bindParam(p)
		}
		g.catch(block)
		g.declareResults(typ, sig)
		if g.vars.defers[block] {
			g.deferringBody(block)
			return
		}
		g.stmts(block.List)
		if sig.Results().Len() > 0 && !endsInReturn(block) {
			g.line("panic(\"unreachable\")")
		}
	})
	return "(" + strings.Join(head, ", ") + ")" + g.l.results(sig) + " {\n" + text + "}"
}

// catch takes the panic for which a deferred call runs, where the function
// recovers. Where it does not, those that it calls must not.
func (g *gen) catch(b *ast.BlockStmt) {
	switch {
	case recovers(g.src.info, b):
		g.body.caught = g.l.fresh("caught")
		g.line("%s := %s()", g.body.caught, g.l.rtf("Caught"))
	case g.callsBack(b):
		g.line("if %s { %s() }", catchVar, g.l.rtf("Uncaught"))
	}
}

func endsInReturn(b *ast.BlockStmt) bool {
	if len(b.List) == 0 {
		return false
	}
	_, ok := b.List[len(b.List)-1].(*ast.ReturnStmt)
	return ok
}

func (g *gen) bindParam(p param) {
	if p.obj == nil {
		return
	}
	if g.vars.boxed(p.obj) {
		g.line("%s := new(%s)", g.local(p.obj), g.rep(p.typ))
		g.line("*%s = %s", g.local(p.obj), p.name)
		return
	}
	g.names[p.obj] = p.name
}

// declareResults makes variables of the results that have names, and of all if
// deferred calls run between return and the end.
func (g *gen) declareResults(typ *ast.FuncType, sig *types.Signature) {
	if typ.Results == nil {
		return
	}
	var objs []types.Object
	for _, f := range typ.Results.List {
		if len(f.Names) == 0 {
			objs = append(objs, nil)
		}
		for _, id := range f.Names {
			objs = append(objs, g.src.info.Defs[id])
		}
	}
	for i, o := range objs {
		r := result{typ: sig.Results().At(i).Type(), obj: o}
		switch {
		case o == nil:
		case o.Name() == "_":
			r.name = g.l.fresh("r")
			g.line("var %s %s", r.name, g.rep(r.typ))
		default:
			r.name = g.local(o)
			r.boxed = g.vars.boxed(o)
			g.declareZero(o, r.typ)
		}
		g.body.results = append(g.body.results, r)
	}
}

// deferringBody runs a body as a closure whose end, regular or by a panic, the
// run-time support sees.
func (g *gen) deferringBody(block *ast.BlockStmt) {
	b := g.body
	for i := range b.results {
		r := &b.results[i]
		if r.boxed {
			continue
		}
		name := g.l.fresh("r")
		g.line("%s := new(%s)", name, g.rep(r.typ))
		r.name, r.boxed = name, true
		if r.obj != nil && r.obj.Name() != "_" {
			g.names[r.obj] = name
			g.vars.address[r.obj] = true
		}
	}
	frame := g.l.fresh("d")
	g.line("%s := %s()", frame, g.l.rtf("NewFrame"))
	inner := &body{results: b.results, frame: frame, labels: b.labels, caught: b.caught}
	lit := g.makeClosure("()", "", func() {
		g.body = inner
		g.stmts(block.List)
	}, block, append(resultNames(g, b.results), g.frameCaptures(inner)...)...)
	g.body = b
	g.line("%s.Run(%s)", frame, lit)
	if len(b.results) > 0 {
		g.line("return %s", g.resultList(b.results))
	}
}

// frameCaptures are the variables of a body for deferred calls and recovery.
func (g *gen) frameCaptures(b *body) []capture {
	var out []capture
	for _, name := range []string{b.frame, b.caught} {
		if name != "" {
			out = append(out, capture{name, "*" + g.l.rtf("Frame")})
		}
	}
	return out
}

func resultNames(g *gen, list []result) []capture {
	var out []capture
	for _, r := range list {
		out = append(out, capture{r.name, "*" + g.rep(r.typ)})
	}
	return out
}

func (g *gen) resultList(list []result) string {
	names := make([]string, len(list))
	for i, r := range list {
		names[i] = r.name
		if r.boxed {
			names[i] = "*" + r.name
		}
	}
	return strings.Join(names, ", ")
}
