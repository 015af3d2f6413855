package eval

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
)

// typeWriter spells types as the interpreter's files name them.
type typeWriter struct {
	s   *Session
	u   *unit
	pos token.Pos
}

func (w *typeWriter) id(name string) *ast.Ident { return &ast.Ident{NamePos: w.pos, Name: name} }

func (w *typeWriter) expr(t types.Type) ast.Expr {
	switch t := t.(type) {
	case *types.Basic:
		if t.Kind() == types.UnsafePointer {
			return w.qualified(types.Unsafe, "Pointer")
		}
		return w.id(t.Name())
	case *types.Alias:
		if t.Obj().Pkg() == nil {
			return w.id(t.Obj().Name())
		}
		return w.named(t.Obj(), t.TypeArgs())
	case *types.Named:
		return w.named(t.Obj(), t.TypeArgs())
	case *types.Pointer:
		return &ast.StarExpr{Star: w.pos, X: w.expr(t.Elem())}
	case *types.Slice:
		return &ast.ArrayType{Lbrack: w.pos, Elt: w.expr(t.Elem())}
	case *types.Array:
		n := &ast.BasicLit{ValuePos: w.pos, Kind: token.INT, Value: strconv.FormatInt(t.Len(), 10)}
		return &ast.ArrayType{Lbrack: w.pos, Len: n, Elt: w.expr(t.Elem())}
	case *types.Map:
		return &ast.MapType{Map: w.pos, Key: w.expr(t.Key()), Value: w.expr(t.Elem())}
	case *types.Chan:
		dir := map[types.ChanDir]ast.ChanDir{types.SendRecv: ast.SEND | ast.RECV, types.SendOnly: ast.SEND, types.RecvOnly: ast.RECV}
		return &ast.ChanType{Begin: w.pos, Dir: dir[t.Dir()], Value: w.expr(t.Elem())}
	case *types.Signature:
		return w.function(t)
	case *types.Struct:
		return w.structure(t)
	case *types.Interface:
		return w.iface(t)
	}
	return w.id(t.String()) // of no type a variable can have
}

func (w *typeWriter) named(o *types.TypeName, args *types.TypeList) ast.Expr {
	var x ast.Expr
	switch n := w.u.nameOf(w.s, o); {
	case n != "":
		x = w.id(n)
	case o.Pkg() == nil:
		x = w.id(o.Name())
	default:
		x = w.qualified(o.Pkg(), o.Name())
	}
	if args.Len() == 0 {
		return x
	}
	list := &ast.IndexListExpr{X: x, Lbrack: w.pos, Rbrack: w.pos}
	for i := range args.Len() {
		list.Indices = append(list.Indices, w.expr(args.At(i)))
	}
	return list
}

func (w *typeWriter) qualified(p *types.Package, name string) ast.Expr {
	return &ast.SelectorExpr{X: w.id(w.s.aliasOf(p)), Sel: w.id(name)}
}

func (w *typeWriter) function(t *types.Signature) *ast.FuncType {
	list := func(tuple *types.Tuple, variadic bool) *ast.FieldList {
		f := &ast.FieldList{Opening: w.pos, Closing: w.pos}
		for i := range tuple.Len() {
			x := w.expr(tuple.At(i).Type())
			if variadic && i == tuple.Len()-1 {
				x = &ast.Ellipsis{Ellipsis: w.pos, Elt: x.(*ast.ArrayType).Elt}
			}
			f.List = append(f.List, &ast.Field{Type: x})
		}
		return f
	}
	return &ast.FuncType{Func: w.pos, Params: list(t.Params(), t.Variadic()), Results: list(t.Results(), false)}
}

func (w *typeWriter) structure(t *types.Struct) ast.Expr {
	fields := &ast.FieldList{Opening: w.pos, Closing: w.pos}
	for i := range t.NumFields() {
		v := t.Field(i)
		f := &ast.Field{Type: w.expr(v.Type())}
		if !v.Embedded() {
			f.Names = []*ast.Ident{w.id(v.Name())}
		}
		if tag := t.Tag(i); tag != "" {
			f.Tag = &ast.BasicLit{ValuePos: w.pos, Kind: token.STRING, Value: strconv.Quote(tag)}
		}
		fields.List = append(fields.List, f)
	}
	return &ast.StructType{Struct: w.pos, Fields: fields}
}

func (w *typeWriter) iface(t *types.Interface) ast.Expr {
	fields := &ast.FieldList{Opening: w.pos, Closing: w.pos}
	for i := range t.NumExplicitMethods() {
		m := t.ExplicitMethod(i)
		fields.List = append(fields.List, &ast.Field{Names: []*ast.Ident{w.id(m.Name())}, Type: w.function(m.Signature())})
	}
	for i := range t.NumEmbeddeds() {
		fields.List = append(fields.List, &ast.Field{Type: w.expr(t.EmbeddedType(i))})
	}
	return &ast.InterfaceType{Interface: w.pos, Methods: fields}
}
