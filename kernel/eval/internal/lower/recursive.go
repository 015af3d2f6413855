package lower

import (
	"fmt"
	"go/types"
	"sort"
)

// The interpreter builds a struct type that refers to itself, but not two that
// refer to each other. Of each such circle the fields that close it are
// represented by any: hidden fields. A nil pointer in one is a nil interface, so
// that structs compare as they did.

// hidden reports whether field i of the struct type t is represented by any.
func (l *Lowerer) hidden(t types.Type, i int) bool {
	if n := namedOf(t); n != nil && !l.own(n.Obj()) {
		return false
	}
	if h := l.hides.At(t); h != nil {
		return h.([]bool)[i]
	}
	s := t.Underlying().(*types.Struct)
	out := make([]bool, s.NumFields())
	l.hides.Set(t, out)
	circle := l.circle(t)
	if len(circle) > 1 {
		at := place(circle, t)
		for k := range out {
			f := s.Field(k).Type()
			if _, byValue := valueStruct(f); byValue {
				continue
			}
			for _, u := range l.structsIn(f, true) {
				out[k] = out[k] || place(circle, u) > at
			}
		}
	}
	return out[i]
}

func place(list []types.Type, t types.Type) int {
	for i, u := range list {
		if types.Identical(t, u) {
			return i
		}
	}
	return -1
}

// valueStruct is the struct type that a value of type t contains itself.
func valueStruct(t types.Type) (types.Type, bool) {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		return t, true
	case *types.Array:
		return valueStruct(u.Elem())
	}
	return nil, false
}

// structsIn lists the structs of the program that a type mentions, without
// those that they mention in turn.
func (l *Lowerer) structsIn(t types.Type, refs bool) []types.Type {
	switch u := types.Unalias(t).(type) {
	case *types.Named:
		if _, ok := u.Underlying().(*types.Struct); ok {
			if l.own(u.Obj()) {
				return []types.Type{t}
			}
			return nil
		}
		if !l.own(u.Obj()) || types.IsInterface(u) || l.cyclic(u) {
			return nil
		}
		return l.structsIn(u.Underlying(), refs)
	case *types.Struct:
		return []types.Type{t}
	case *types.Pointer:
		return l.structsIn(u.Elem(), refs)
	case *types.Slice:
		return l.structsIn(u.Elem(), refs)
	case *types.Array:
		return l.structsIn(u.Elem(), refs)
	case *types.Chan:
		return l.structsIn(u.Elem(), refs)
	case *types.Map:
		return append(l.structsIn(u.Key(), refs), l.structsIn(u.Elem(), refs)...)
	case *types.Signature:
		var out []types.Type
		for _, tup := range []*types.Tuple{u.Params(), u.Results()} {
			for v := range tup.Variables() {
				out = append(out, l.structsIn(v.Type(), refs)...)
			}
		}
		return out
	}
	return nil
}

// reach lists the structs that lead on from t, t included.
func (l *Lowerer) reach(t types.Type, out []types.Type) []types.Type {
	if place(out, t) >= 0 {
		return out
	}
	out = append(out, t)
	for f := range t.Underlying().(*types.Struct).Fields() {
		for _, u := range l.structsIn(f.Type(), true) {
			out = l.reach(u, out)
		}
	}
	return out
}

// circle lists the structs that lead to t and back, in an order in which each
// comes after those that it contains by value.
func (l *Lowerer) circle(t types.Type) []types.Type {
	var list []types.Type
	for _, u := range l.reach(t, nil) {
		if place(l.reach(u, nil), t) >= 0 {
			list = append(list, u)
		}
	}
	key := func(u types.Type) string {
		pos := 0
		if n := namedOf(u); n != nil {
			pos = int(n.Obj().Pos())
		}
		return fmt.Sprintf("%04d %012d %s", rank(u, list), pos, u.String())
	}
	sort.Slice(list, func(i, j int) bool { return key(list[i]) < key(list[j]) })
	return list
}

// rank is how deep a struct contains others of the list by value.
func rank(t types.Type, list []types.Type) int {
	r := 0
	for f := range t.Underlying().(*types.Struct).Fields() {
		if u, ok := valueStruct(f.Type()); ok && place(list, u) >= 0 {
			r = max(r, 1+rank(u, list))
		}
	}
	return r
}

// shown is the value of a hidden field.
func (l *Lowerer) shown(text string, t types.Type) string {
	rep := l.rep(t)
	key := "shown " + rep
	name, ok := l.named[key]
	if !ok {
		name = l.fresh("shown")
		l.named[key] = name
		fmt.Fprintf(&l.file.funcs, "func %s(x interface{}) %s {\n\tr := new(%s)\n\t%s(x, r)\n\treturn *r\n}\n\n", name, rep, rep, l.rtf("Get"))
	}
	return name + "(" + text + ")"
}
