package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// capture is a variable that is handed to a closure.
type capture struct{ name, rep string }

// makeClosure writes a function that makes a closure of what step writes, and
// returns the call of it: a closure made in a frame of its own shares nothing
// with the next iteration of a loop.
func (g *gen) makeClosure(params, results string, step func(), node ast.Node, extra ...capture) string {
	outer := append(g.free(node), extra...)
	text := g.captureLines(step)
	var args, head []string
	seen := map[string]bool{}
	for _, c := range outer {
		if !seen[c.name] && mentions(text, c.name) {
			seen[c.name] = true
			args = append(args, c.name)
			head = append(head, c.name+" "+c.rep)
		}
	}
	fn := "func" + params + results
	name := g.l.fresh("make")
	fmt.Fprintf(&g.l.file.funcs, "func %s(%s) func%s%s {\n\treturn %s {\n%s\t}\n}\n\n", name, strings.Join(head, ", "), typesOnly(params), results, fn, text)
	return name + "(" + strings.Join(args, ", ") + ")"
}

// mentions reports whether text has name as a whole word.
func mentions(text, name string) bool {
	for i := 0; ; {
		k := strings.Index(text[i:], name)
		if k < 0 {
			return false
		}
		i += k + len(name)
		if i >= len(text) || !isWord(text[i]) {
			start := i - len(name)
			if start == 0 || !isWord(text[start-1]) {
				return true
			}
		}
	}
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// typesOnly takes the names out of a parameter list "(a T, b U)" that this
// package wrote; each parameter is one name and one type.
func typesOnly(params string) string {
	inner := params[1 : len(params)-1]
	if inner == "" {
		return "()"
	}
	parts := splitTop(inner)
	for i, p := range parts {
		parts[i] = p[strings.IndexByte(p, ' ')+1:]
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// splitTop cuts at ", " outside of brackets.
func splitTop(s string) []string {
	var out []string
	depth, start := 0, 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, s[start:i])
				start = i + 2
			}
		}
	}
	return append(out, s[start:])
}

// free lists the local variables that a node uses, in the order of their first use.
func (g *gen) free(node ast.Node) []capture {
	var out []capture
	seen := map[types.Object]bool{}
	ast.Inspect(node, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		o := g.src.info.Uses[id]
		if o == nil || seen[o] || !g.isLocal(o) {
			return true
		}
		name, known := g.names[o]
		if !known {
			return true
		}
		seen[o] = true
		rep := g.rep(o.Type())
		if g.vars.boxed(o) {
			rep = "*" + rep
		}
		out = append(out, capture{name, rep})
		return true
	})
	return out
}

// literal lowers a function literal to the call that makes the closure.
func (g *gen) literal(x *ast.FuncLit) string {
	sig := g.typeOf(x).(*types.Signature)
	params := g.params(x.Type.Params)
	var head []string
	for _, p := range params {
		head = append(head, p.name+" "+g.rep(p.typ))
	}
	old := g.body
	defer func() { g.body = old }()
	return g.makeClosure("("+strings.Join(head, ", ")+")", g.l.results(sig), func() {
		g.body = &body{direct: true, labels: labelsIn(x.Body)}
		if g.callsBack(x.Body) {
			g.line("%s()", g.l.rtf("Enter"))
		}
		for _, p := range params {
			g.bindParam(p)
		}
		g.catch(x.Body)
		g.declareResults(x.Type, sig)
		if g.vars.defers[x.Body] {
			g.deferringBody(x.Body)
			return
		}
		g.stmts(x.Body.List)
		if sig.Results().Len() > 0 && !endsInReturn(x.Body) {
			g.line("panic(\"unreachable\")")
		}
	}, x)
}

func labelsIn(b *ast.BlockStmt) map[string]bool {
	m := map[string]bool{}
	ast.Inspect(b, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.LabeledStmt:
			m[n.Label.Name] = true
		}
		return true
	})
	return m
}

// callsBack reports whether a closure may, by calls of unknown functions, run
// into itself.
func (g *gen) callsBack(b *ast.BlockStmt) bool {
	found := false
	ast.Inspect(b, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok {
			if o, ok := calleeObject(g.src.info, c).(*types.Builtin); !ok || o == nil {
				found = found || !g.src.info.Types[c.Fun].IsType() && !compiledLeaf(g.l, g.src.info, c)
			}
		}
		return !found
	})
	return found
}

func calleeObject(info *types.Info, c *ast.CallExpr) types.Object {
	switch f := ast.Unparen(c.Fun).(type) {
	case *ast.Ident:
		return info.Uses[f]
	case *ast.SelectorExpr:
		return info.Uses[f.Sel]
	case *ast.IndexExpr:
		if id, ok := f.X.(*ast.Ident); ok {
			return info.Uses[id]
		}
	}
	return nil
}

// compiledLeaf reports whether a call is of a compiled function or concrete
// method, which calls no interpreted code but what it is given.
func compiledLeaf(l *Lowerer, info *types.Info, c *ast.CallExpr) bool {
	f, ok := calleeObject(info, c).(*types.Func)
	if !ok || l.own(f) {
		return false
	}
	if r := f.Signature().Recv(); r != nil && types.IsInterface(r.Type()) {
		return false
	}
	return f.Signature().TypeParams().Len() == 0
}
