package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// The interpreter has one place for a variable in each call, whatever loops and
// blocks it stands in. A variable that a closure changes or sees changed, or
// whose address is taken, is therefore a pointer to a value made where it is
// declared; other variables that closures use are handed to them by value.

// analysis is what must be known of the variables of a function.
type analysis struct {
	g        *gen
	home     map[types.Object]int // closure that declares it
	captured map[types.Object]bool
	assigned map[types.Object]int
	address  map[types.Object]bool
	closures int
	defers   map[ast.Node]bool // function bodies with a defer statement of their own
}

// analyse looks at a whole function with its parameters.
func (g *gen) analyse(typ *ast.FuncType, recv *ast.FieldList, body *ast.BlockStmt) *analysis {
	a := &analysis{
		g: g, home: map[types.Object]int{}, captured: map[types.Object]bool{},
		assigned: map[types.Object]int{}, address: map[types.Object]bool{}, defers: map[ast.Node]bool{},
	}
	a.closure(typ, recv, body, 0)
	return a
}

// boxed reports whether a variable lives behind a pointer.
func (a *analysis) boxed(o types.Object) bool {
	return a.address[o] || a.captured[o] && a.assigned[o] > 0
}

// closure visits a function body in which parameters belong to level.
func (a *analysis) closure(typ *ast.FuncType, recv *ast.FieldList, body *ast.BlockStmt, level int) {
	for _, list := range []*ast.FieldList{recv, typ.Params, typ.Results} {
		if list == nil {
			continue
		}
		for _, f := range list.List {
			for _, id := range f.Names {
				if o := a.g.src.info.Defs[id]; o != nil {
					a.home[o] = level
					if list == typ.Results {
						a.assigned[o]++
					}
				}
			}
		}
	}
	if a.deferring(body) {
		a.defers[body] = true
		a.closures++
		level = a.closures
	}
	a.block(body, level)
}

// deferring reports whether a body has a defer statement or recovers, outside
// the function literals in it.
func (a *analysis) deferring(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt:
			found = true
		}
		return !found
	})
	return found
}

func (a *analysis) block(root ast.Node, level int) {
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			a.closures++
			a.closure(n.Type, nil, n.Body, a.closures)
			return false
		case *ast.RangeStmt:
			return a.ranges(n, level)
		case *ast.Ident:
			a.ident(n, level)
		case *ast.AssignStmt:
			for _, x := range n.Lhs {
				if id, ok := x.(*ast.Ident); ok && n.Tok == token.DEFINE && a.g.src.info.Defs[id] != nil {
					continue
				}
				a.assign(x)
			}
		case *ast.IncDecStmt:
			a.assign(n.X)
		case *ast.ValueSpec:
			if len(n.Values) == 0 {
				for _, id := range n.Names {
					a.assigned[a.g.src.info.Defs[id]]++
				}
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				a.addressOf(n.X)
			}
		case *ast.SliceExpr:
			if _, ok := under(a.g.typeOf(n.X)).(*types.Array); ok {
				a.addressOf(n.X)
			}
		case *ast.SelectorExpr:
			a.method(n)
		case *ast.TypeSwitchStmt:
			a.typeSwitch(n, level)
		}
		return true
	})
}

// ranges visits a range statement; over a function its body is a closure.
func (a *analysis) ranges(n *ast.RangeStmt, level int) bool {
	if n.Tok == token.ASSIGN {
		a.assign(n.Key)
		if n.Value != nil {
			a.assign(n.Value)
		}
	}
	if _, ok := under(a.g.typeOf(n.X)).(*types.Signature); !ok {
		return true
	}
	a.block(n.X, level)
	a.closures++
	inner := a.closures
	for _, x := range []ast.Expr{n.Key, n.Value} {
		if x != nil {
			a.block(x, inner)
		}
	}
	a.block(n.Body, inner)
	return false
}

func (a *analysis) typeSwitch(n *ast.TypeSwitchStmt, level int) {
	for _, c := range n.Body.List {
		if o := a.g.src.info.Implicits[c]; o != nil {
			a.home[o] = level
		}
	}
}

func (a *analysis) ident(id *ast.Ident, level int) {
	if o, ok := a.g.src.info.Defs[id].(*types.Var); ok && !o.IsField() {
		a.home[o] = level
	}
	if o, ok := a.g.src.info.Uses[id].(*types.Var); ok && !o.IsField() {
		if h, ok := a.home[o]; ok && h != level {
			a.captured[o] = true
		}
	}
}

// assign counts a change of the variable that x is or is part of.
func (a *analysis) assign(x ast.Expr) {
	if o := a.root(x); o != nil {
		a.assigned[o]++
	}
}

func (a *analysis) addressOf(x ast.Expr) {
	if o := a.root(x); o != nil {
		a.address[o] = true
	}
}

// root is the variable in which the place x lies, or nil if it lies behind a
// pointer, in a slice or in a map.
func (a *analysis) root(x ast.Expr) types.Object {
	switch x := x.(type) {
	case *ast.Ident:
		if o, ok := a.g.src.info.Uses[x].(*types.Var); ok {
			return o
		}
		return nil
	case *ast.ParenExpr:
		return a.root(x.X)
	case *ast.SelectorExpr:
		if a.g.throughPointer(x) {
			return nil
		}
		return a.root(x.X)
	case *ast.IndexExpr:
		if _, ok := under(a.g.typeOf(x.X)).(*types.Array); ok {
			return a.root(x.X)
		}
	}
	return nil
}

// method notes that a call of a pointer method takes the address of its operand.
func (a *analysis) method(x *ast.SelectorExpr) {
	sel := a.g.src.info.Selections[x]
	if sel == nil || sel.Kind() == types.FieldVal {
		return
	}
	t := a.g.typeOf(x.X)
	if a.g.src.info.Types[x.X].IsType() {
		return
	}
	o, index, _ := types.LookupFieldOrMethod(t, true, a.g.src.pkg, x.Sel.Name)
	f, ok := o.(*types.Func)
	if !ok || f.Signature().Recv() == nil || !isPointer(f.Signature().Recv().Type()) {
		return
	}
	if !pathThroughPointer(t, index[:len(index)-1]) {
		a.addressOf(x.X)
	}
}

func isPointer(t types.Type) bool {
	_, ok := under(t).(*types.Pointer)
	return ok
}

func under(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	return t.Underlying()
}

// pathThroughPointer reports whether the embedded fields index, from a value of
// type t on, lead through a pointer, t itself included.
func pathThroughPointer(t types.Type, index []int) bool {
	for _, i := range index {
		if isPointer(t) {
			return true
		}
		t = t.Underlying().(*types.Struct).Field(i).Type()
	}
	return isPointer(t)
}

// throughPointer reports whether the selector x.f goes through a pointer.
func (g *gen) throughPointer(x *ast.SelectorExpr) bool {
	sel := g.src.info.Selections[x]
	if sel == nil {
		return true // pkg.Var
	}
	t := g.typeOf(x.X)
	_, index, _ := types.LookupFieldOrMethod(t, true, g.src.pkg, x.Sel.Name)
	if len(index) == 0 {
		return true
	}
	return pathThroughPointer(t, index[:len(index)-1])
}
