package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// returns leaves the function.
func (g *gen) returns(s *ast.ReturnStmt) {
	res := g.resultTypes()
	var values []string
	switch {
	case len(s.Results) == 1 && len(res) > 1:
		values = g.spread(s.Results[0], res)
	default:
		for i, x := range s.Results {
			values = append(values, g.value(x, res[i].typ))
		}
	}
	g.leave(values, hasCalls(g.src.info, s))
}

// resultTypes are the results of the function that a return statement leaves.
func (g *gen) resultTypes() []result {
	b := g.body
	for b.up != nil {
		b = b.up
	}
	return b.results
}

// leave returns values, or the named results if there are none.
func (g *gen) leave(values []string, calls bool) {
	b := g.body
	if b.iter != nil {
		b.iter.returning(g, values)
		return
	}
	named := len(b.results) > 0 && b.results[0].name != ""
	if b.direct && !named {
		g.line("return %s", strings.Join(values, ", "))
		return
	}
	if len(values) > 0 {
		g.setResults(b.results, values)
	}
	if b.direct {
		g.line("return %s", g.resultList(b.results))
		return
	}
	g.line("return")
}

// setResults assigns all values at once.
func (g *gen) setResults(results []result, values []string) {
	tmp := make([]string, len(values))
	for i, v := range values {
		tmp[i] = v
		if len(values) > 1 {
			tmp[i] = g.l.fresh("t")
			g.line("%s := %s", tmp[i], g.typed(v, results[i].typ))
		}
	}
	for i, r := range results {
		star := ""
		if r.boxed {
			star = "*"
		}
		g.line("%s%s = %s", star, r.name, tmp[i])
	}
}

// spread calls a function with several results and converts each to its type.
func (g *gen) spread(x ast.Expr, to []result) []string {
	tup := g.typeOf(x).(*types.Tuple)
	names := make([]string, tup.Len())
	for i := range names {
		names[i] = g.l.fresh("t")
	}
	g.line("%s := %s", strings.Join(names, ", "), g.expr(x))
	for i := range names {
		names[i] = g.conv(names[i], tup.At(i).Type(), to[i].typ)
	}
	return names
}

func hasCalls(info *types.Info, n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = found || !info.Types[n.Fun].IsType()
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		}
		return !found
	})
	return found
}
