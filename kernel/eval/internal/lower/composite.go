package lower

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

// composite lowers a composite literal; all keys and types are written out.
func (g *gen) composite(x *ast.CompositeLit, t types.Type) string {
	if p, ok := under(t).(*types.Pointer); ok {
		return "&" + g.composite(x, p.Elem())
	}
	switch u := under(t).(type) {
	case *types.Struct:
		return g.rep(t) + "{" + join(g.fields(x, t, u)) + "}"
	case *types.Map:
		var list []string
		for _, e := range x.Elts {
			kv := e.(*ast.KeyValueExpr)
			list = append(list, g.element(kv.Key, u.Key())+": "+g.element(kv.Value, u.Elem()))
		}
		return g.rep(t) + "{" + join(list) + "}"
	case *types.Slice:
		return g.rep(t) + "{" + join(g.elements(x, u.Elem())) + "}"
	case *types.Array:
		return g.rep(t) + "{" + join(g.elements(x, u.Elem())) + "}"
	}
	g.refuse(x, "this composite literal", "")
	return ""
}

func (g *gen) fields(x *ast.CompositeLit, t types.Type, s *types.Struct) []string {
	var list []string
	n, isNamed := types.Unalias(t).(*types.Named)
	compiled := isNamed && !g.l.own(n.Obj())
	for i, e := range x.Elts {
		k, v := i, e
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			v = kv.Value
			for j := range s.NumFields() {
				if s.Field(j).Name() == kv.Key.(*ast.Ident).Name {
					k = j
				}
			}
		}
		name := s.Field(k).Name()
		if !compiled {
			name = fieldName(s, k)
		}
		value := g.element(v, s.Field(k).Type())
		if g.l.hidden(t, k) {
			value = g.l.rtf("Hide") + "(" + value + ")"
		}
		list = append(list, name+": "+value)
	}
	return list
}

func (g *gen) elements(x *ast.CompositeLit, elem types.Type) []string {
	var list []string
	for _, e := range x.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			k := constant.ToInt(g.src.info.Types[kv.Key].Value).ExactString()
			list = append(list, k+": "+g.listed(kv.Value, g.element(kv.Value, elem), elem))
			continue
		}
		list = append(list, g.listed(e, g.element(e, elem), elem))
	}
	return list
}

// listed is an element of a list. The interpreter takes an operation on what a
// pointer points to, and a field of it, for one of pointers there, but not what a
// function returns.
func (g *gen) listed(x ast.Expr, s string, t types.Type) string {
	if !strings.Contains(s, "(*") {
		return s
	}
	switch x := ast.Unparen(x).(type) {
	case *ast.BinaryExpr, *ast.SelectorExpr:
	case *ast.UnaryExpr:
		if x.Op == token.ARROW {
			return s
		}
	default:
		return s
	}
	rep := g.rep(t)
	name, ok := g.l.named["same "+rep]
	if !ok {
		name = g.l.fresh("same")
		g.l.named["same "+rep] = name
		fmt.Fprintf(&g.l.file.funcs, "func %s(x %s) %s { return x }\n\n", name, rep, rep)
	}
	return name + "(" + s + ")"
}

func (g *gen) element(x ast.Expr, t types.Type) string {
	if c, ok := x.(*ast.CompositeLit); ok && c.Type == nil {
		return g.composite(c, t)
	}
	s := g.value(x, t)
	if s == "nil" {
		return g.zero(t)
	}
	return s
}
