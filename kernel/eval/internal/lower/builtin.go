package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// builtin lowers a call of a predeclared function.
func (g *gen) builtin(x *ast.CallExpr, name string) string {
	p := g.builtinParts(x, name)
	return p.format(p.texts())
}

// simple is the parts of name(operands).
func simple(name string, ops ...operand) *parts {
	return &parts{ops: ops, format: func(ops []string) string { return name + "(" + join(ops) + ")" }}
}

// typed2 is an argument in its own type.
func (g *gen) own(x ast.Expr) operand {
	t := types.Default(g.typeOf(x))
	return operand{g.value(x, t), g.rep(t)}
}

func (g *gen) builtinParts(x *ast.CallExpr, name string) *parts {
	if len(x.Args) == 1 {
		if _, ok := g.typeOf(x.Args[0]).(*types.Tuple); ok && isCall(x.Args[0]) {
			g.refuse(x, name+" of the results of a call", "")
		}
	}
	switch name {
	case "append":
		return g.appends(x)
	case "cap", "len":
		return g.length(x, name)
	case "close", "real", "imag":
		return simple(name, g.own(x.Args[0]))
	case "complex":
		part := types.Type(types.Typ[types.Float64])
		if b := under(g.typeOf(x)).(*types.Basic); b.Kind() == types.Complex64 {
			part = types.Typ[types.Float32]
		}
		a := operand{g.value(x.Args[0], part), g.rep(part)}
		return simple("complex", a, operand{g.value(x.Args[1], part), g.rep(part)})
	case "clear":
		if _, ok := under(g.typeOf(x.Args[0])).(*types.Map); ok {
			return simple(g.l.rtf("ClearMap"), g.own(x.Args[0]))
		}
		return simple(g.l.rtf("ClearSlice"), g.own(x.Args[0]))
	case "copy":
		src := g.own(x.Args[1])
		if _, ok := under(g.typeOf(x.Args[1])).(*types.Basic); ok {
			src = operand{"[]byte(" + src.text + ")", "[]byte"}
		}
		return simple("copy", g.own(x.Args[0]), src)
	case "delete":
		m := under(g.typeOf(x.Args[0])).(*types.Map)
		return simple("delete", g.own(x.Args[0]), operand{g.key(x.Args[1], m), g.rep(m.Key())})
	case "make":
		var sizes []operand
		for _, a := range x.Args[1:] {
			sizes = append(sizes, operand{"int(" + g.own(a).text + ")", "int"})
		}
		rep := g.rep(g.typeOf(x))
		p := simple("make", sizes...)
		if g.strict() && len(sizes) > 0 {
			p.format = func(ops []string) string {
				return "make(" + rep + ", " + g.l.rtf("Size") + "(" + join(ops) + ")" + prefixAll(ops[1:]) + ")"
			}
			return p
		}
		if c, ok := under(g.typeOf(x)).(*types.Chan); ok && c.Dir() != types.SendRecv {
			rep = g.rep(types.NewChan(types.SendRecv, c.Elem()))
		}
		p.format = func(ops []string) string { return "make(" + join(append([]string{rep}, ops...)) + ")" }
		return p
	case "new":
		return g.news(x)
	case "min", "max":
		return g.extreme(x, name)
	case "panic":
		return simple(g.l.rtf("Panic"), operand{g.value(x.Args[0], anyType), "interface{}"})
	case "print", "println":
		var ops []operand
		for _, a := range x.Args {
			ops = append(ops, operand{g.l.rtf("I") + "(" + g.own(a).text + ")", "interface{}"})
		}
		return simple(g.l.rtf(strings.ToUpper(name[:1])+name[1:]), ops...)
	case "recover":
		if g.body.caught == "" {
			return simple(g.l.rtf("NoRecover"))
		}
		return simple(g.body.caught + ".Recover")
	}
	g.refuse(x, name, "")
	return nil
}

func isCall(x ast.Expr) bool {
	_, ok := ast.Unparen(x).(*ast.CallExpr)
	return ok
}

func (g *gen) length(x *ast.CallExpr, name string) *parts {
	a := g.own(x.Args[0])
	if p, ok := under(g.typeOf(x.Args[0])).(*types.Pointer); ok {
		n := under(p.Elem()).(*types.Array).Len()
		return &parts{ops: []operand{a}, format: func(ops []string) string {
			return fmt.Sprintf("%s(%s, %d)", g.l.rtf("Second"), ops[0], n)
		}}
	}
	return simple(name, a)
}

func (g *gen) appends(x *ast.CallExpr) *parts {
	t := g.typeOf(x)
	elem := under(t).(*types.Slice).Elem()
	base := operand{g.value(x.Args[0], t), g.rep(t)}
	if base.text == "nil" {
		base.text = g.zero(t)
	}
	if len(x.Args) == 1 {
		return &parts{ops: []operand{base}, format: func(ops []string) string { return ops[0] }}
	}
	ops := []operand{base}
	if x.Ellipsis.IsValid() {
		src := g.own(x.Args[1])
		switch {
		case src.text == "nil":
			src = operand{g.zero(t), g.rep(t)}
		default:
			if _, ok := under(g.typeOf(x.Args[1])).(*types.Basic); ok {
				src = operand{"[]byte(" + src.text + ")", "[]byte"}
			}
		}
		p := simple("append", base, src)
		p.format = func(ops []string) string { return "append(" + join(ops) + "...)" }
		return p
	}
	for _, a := range x.Args[1:] {
		ops = append(ops, operand{g.element(a, elem), g.rep(elem)})
	}
	if len(ops) > 2 { // the interpreter would write the first before it reads the second
		return simple(g.appendFunc(t, elem, len(ops)-1), ops...)
	}
	return simple("append", ops...)
}

// appendFunc is a function that appends n values which it has copied.
func (g *gen) appendFunc(t, elem types.Type, n int) string {
	key := fmt.Sprint("append ", g.rep(t), n)
	if name, ok := g.l.named[key]; ok {
		return name
	}
	name := g.l.fresh("append")
	g.l.named[key] = name
	head, names := "s "+g.rep(t), "s"
	for i := range n {
		head += fmt.Sprintf(", x%d %s", i, g.rep(elem))
		names += fmt.Sprintf(", x%d", i)
	}
	fmt.Fprintf(&g.l.file.funcs, "func %s(%s) %s { return append(%s) }\n\n", name, head, g.rep(t), names)
	return name
}

func (g *gen) news(x *ast.CallExpr) *parts {
	elem := under(g.typeOf(x)).(*types.Pointer).Elem()
	rep := g.rep(elem)
	if g.src.info.Types[x.Args[0]].IsType() {
		return &parts{format: func([]string) string { return "new(" + rep + ")" }}
	}
	key := "new " + rep
	name, ok := g.l.named[key]
	if !ok {
		name = g.l.fresh("new")
		g.l.named[key] = name
		fmt.Fprintf(&g.l.file.funcs, "func %s(x %s) *%s {\n\tp := new(%s)\n\t*p = x\n\treturn p\n}\n\n", name, rep, rep, rep)
	}
	return simple(name, operand{g.value(x.Args[0], elem), rep})
}

// extreme lowers min and max to nested calls of a function of two arguments.
func (g *gen) extreme(x *ast.CallExpr, name string) *parts {
	t := types.Default(g.typeOf(x))
	rep := g.rep(t)
	var ops []operand
	for _, a := range x.Args {
		ops = append(ops, operand{g.value(a, t), rep})
	}
	fn := g.extremeFunc(t, rep, name)
	return &parts{ops: ops, format: func(ops []string) string {
		s := ops[0]
		for _, o := range ops[1:] {
			s = fn + "(" + s + ", " + o + ")"
		}
		return s
	}}
}

func (g *gen) extremeFunc(t types.Type, rep, name string) string {
	key := name + " " + rep
	if n, ok := g.l.named[key]; ok {
		return n
	}
	fn := g.l.fresh(name)
	g.l.named[key] = fn
	op := map[string]string{"min": "<", "max": ">"}[name]
	body := "if b " + op + " a { return b }\n\treturn a"
	if under(t).(*types.Basic).Info()&types.IsFloat != 0 {
		body = "return " + rep + "(" + g.l.rtf(strings.ToUpper(name[:1])+name[1:]) + "(float64(a), float64(b)))"
	}
	fmt.Fprintf(&g.l.file.funcs, "func %s(a, b %s) %s {\n\t%s\n}\n\n", fn, rep, rep, body)
	return fn
}
