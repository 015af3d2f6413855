package lower

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

// parts is a call taken apart: the operands, which are evaluated in order, and
// how the call is written with their values.
type parts struct {
	ops    []operand
	format func(ops []string) string
	sig    *types.Signature
}

type operand struct{ text, rep string }

func (p *parts) texts() []string {
	list := make([]string, len(p.ops))
	for i, o := range p.ops {
		list[i] = o.text
	}
	return list
}

// call lowers a call, conversions and builtins included.
func (g *gen) call(x *ast.CallExpr) string {
	if g.src.info.Types[x.Fun].IsType() {
		return g.conversion(x)
	}
	if b, ok := calleeObject(g.src.info, x).(*types.Builtin); ok {
		return g.builtin(x, b.Name())
	}
	if s, ok := g.special(x); ok {
		return s
	}
	p := g.parts(x)
	return p.format(p.texts())
}

// parts takes a call that is no conversion and no builtin apart.
func (g *gen) parts(x *ast.CallExpr) *parts {
	sig := under(g.typeOf(x.Fun)).(*types.Signature)
	p := &parts{sig: sig}
	later := g.later
	g.later = false
	callee := g.calleeOf(x, p, later)
	n := len(p.ops)
	f, _ := calleeObject(g.src.info, x).(*types.Func)
	own := f == nil || g.l.own(f) || g.preluded(f)
	if f != nil && f.Signature().Recv() != nil && !own {
		own = false
	}
	if len(x.Args) == 1 {
		if tup, ok := g.typeOf(x.Args[0]).(*types.Tuple); ok && isCall(x.Args[0]) {
			g.multi(x, p, tup, callee, own)
			return p
		}
	}
	args := g.args(x, sig, f, own)
	p.ops = append(p.ops, args...)
	dots := ""
	if x.Ellipsis.IsValid() && !own {
		dots = "..."
	}
	p.format = func(ops []string) string {
		return callee(ops[:n]) + "(" + join(append(callee2(ops[:n], p), ops[n:]...)) + dots + ")"
	}
	return p
}

// callee2 lists the operands of the callee that are passed as arguments.
func callee2(ops []string, p *parts) []string {
	if len(ops) > 0 && p.ops[0].rep != calleeRep {
		return ops[:1:1]
	}
	return nil
}

// calleeRep marks the operand that is part of the callee's text.
const calleeRep = ""

// calleeOf says how the callee is written; a receiver becomes an operand.
func (g *gen) calleeOf(x *ast.CallExpr, p *parts, later bool) func([]string) string {
	fun := ast.Unparen(x.Fun)
	if name, ok := g.static(fun); ok {
		return func([]string) string { return name }
	}
	if sel, ok := fun.(*ast.SelectorExpr); ok {
		if s := g.src.info.Selections[sel]; s != nil && s.Kind() == types.MethodVal {
			return g.methodCallee(sel, p, later)
		}
	}
	text := g.expr(fun)
	p.ops = []operand{{text, "func" + g.l.signature(p.sig)}}
	return func(ops []string) string { return funcOperand(p, ops[0]) }
}

// funcOperand marks that a function value is the callee and no argument.
func funcOperand(p *parts, text string) string {
	p.ops[0].rep = calleeRep
	return text
}

// static is the name of a function that is known when the program is lowered.
func (g *gen) static(fun ast.Expr) (string, bool) {
	var id *ast.Ident
	switch f := fun.(type) {
	case *ast.Ident:
		id = f
	case *ast.SelectorExpr:
		if g.src.info.Selections[f] != nil {
			return "", false
		}
		id = f.Sel
	case *ast.IndexExpr:
		return g.static(ast.Unparen(f.X))
	case *ast.IndexListExpr:
		return g.static(ast.Unparen(f.X))
	default:
		return "", false
	}
	f, ok := g.src.info.Uses[id].(*types.Func)
	if !ok {
		return "", false
	}
	return g.functionName(f, id), true
}

// functionName is the name of a declared function or of its instance.
func (g *gen) functionName(f *types.Func, id *ast.Ident) string {
	if inst, ok := g.src.info.Instances[id]; ok {
		args := make([]types.Type, inst.TypeArgs.Len())
		for i := range args {
			args[i] = g.env.subst(inst.TypeArgs.At(i))
		}
		return g.l.instance(f, args, id.Pos())
	}
	if g.l.own(f) {
		return g.l.funcName(f)
	}
	if fn := g.l.preludeFunc(f); fn != nil {
		return g.l.instance(f, nil, id.Pos())
	}
	return g.l.imported(f.Pkg().Path()) + "." + f.Name()
}

func (g *gen) preluded(f *types.Func) bool {
	return !g.l.own(f) && f.Signature().Recv() == nil && g.l.preludeFunc(f) != nil
}

// args lowers the arguments of a call.
func (g *gen) args(x *ast.CallExpr, sig *types.Signature, f *types.Func, own bool) []operand {
	var ops []operand
	n := sig.Params().Len()
	for i, a := range x.Args {
		if sig.Variadic() && i >= n-1 && !x.Ellipsis.IsValid() {
			break
		}
		t := sig.Params().At(i).Type()
		ops = append(ops, operand{g.argument(a, t, f, own), g.rep(t)})
	}
	if !sig.Variadic() || x.Ellipsis.IsValid() {
		return ops
	}
	slice := sig.Params().At(n - 1).Type()
	elem := under(slice).(*types.Slice).Elem()
	var rest []string
	for _, a := range x.Args[n-1:] {
		rest = append(rest, g.listed(a, g.argument(a, elem, f, own), elem))
	}
	if own {
		if len(rest) == 0 {
			return append(ops, operand{g.zero(slice), g.rep(slice)})
		}
		return append(ops, operand{g.rep(slice) + "{" + join(rest) + "}", g.rep(slice)})
	}
	for _, r := range rest {
		ops = append(ops, operand{r, g.rep(elem)})
	}
	return ops
}

// argument is one argument, converted to its parameter.
func (g *gen) argument(a ast.Expr, t types.Type, f *types.Func, own bool) string {
	if !own && f != nil && types.IsInterface(t) && !g.l.native(t) {
		return g.opaque(a, t, f)
	}
	s := g.value(a, t)
	if s == "nil" {
		return g.zero(t)
	}
	if own {
		return s
	}
	if sig, ok := under(t).(*types.Signature); ok && sig.Variadic() {
		g.refuse(a, "a variadic function passed to compiled code", "")
	}
	return s
}

// multi lowers f(g()) where g has several results.
func (g *gen) multi(x *ast.CallExpr, p *parts, tup *types.Tuple, callee func([]string) string, own bool) {
	n := len(p.ops)
	f, _ := calleeObject(g.src.info, x).(*types.Func)
	var params, names, head []string
	for i := range tup.Len() {
		name := g.l.fresh("t")
		names = append(names, name)
		head = append(head, name+" "+g.rep(tup.At(i).Type()))
	}
	fixed := p.sig.Params().Len()
	var rest []string
	for i, name := range names {
		if p.sig.Variadic() && i >= fixed-1 {
			elem := under(p.sig.Params().At(fixed - 1).Type()).(*types.Slice).Elem()
			rest = append(rest, g.conv(name, tup.At(i).Type(), elem))
			continue
		}
		params = append(params, g.conv(name, tup.At(i).Type(), p.sig.Params().At(i).Type()))
	}
	if p.sig.Variadic() {
		if own {
			slice := p.sig.Params().At(fixed - 1).Type()
			params = append(params, g.rep(slice)+"{"+join(rest)+"}")
		} else {
			params = append(params, rest...)
		}
	}
	_ = f
	inner := g.expr(x.Args[0])
	var opHead, opNames []string
	for _, o := range p.ops {
		rep := o.rep
		if rep == calleeRep {
			g.refuse(x, "a call of a compiled method with the results of another call", "")
		}
		name := g.l.fresh("o")
		opNames = append(opNames, name)
		opHead = append(opHead, name+" "+rep)
	}
	text := callee(opNames) + "(" + join(append(callee2(opNames, p), params...)) + ")"
	results := g.l.results(p.sig)
	ret := ""
	if p.sig.Results().Len() > 0 {
		ret = "return "
	}
	maker := g.l.fresh("spread")
	fn := "func(" + join(head) + ")" + results
	fmt.Fprintf(&g.l.file.funcs, "func %s(%s) func%s%s {\n\treturn %s { %s%s }\n}\n\n", maker, join(opHead), typesOnly("("+join(head)+")"), results, fn, ret, text)
	p.format = func(ops []string) string { return maker + "(" + join(ops[:n]) + ")(" + inner + ")" }
}

var _ = token.ADD
var _ = constant.Int
