package lower

import (
	"go/types"
	"reflect"
)

// Call calls a method of the value that shows it and takes no arguments: HTML,
// SVG, PNG, Markdown, LaTeX, JSON, MimeBundle, String, Error, and Unwrap of several
// errors. ok is false if it has none of that name and form.
func (o Obj) Call(name string) (result any, ok bool) {
	switch f := o.T.methods[name].(type) {
	case func(any) string:
		return f(o), true
	case func(any) []byte:
		return f(o), true
	case func(any) map[string]any:
		return f(o), true
	case func(any) []error: // Unwrap
		return f(o), true
	}
	return nil, false
}

// Speaks reports whether the value says how it prints.
func (o Obj) Speaks() bool {
	m := o.T.methods
	return m["Error"] != nil || m["String"] != nil || m["Format"] != nil
}

// IsNil reports whether it is a nil pointer.
func (o Obj) IsNil() bool {
	if _, ok := o.T.typ.Underlying().(*types.Pointer); !ok {
		return false
	}
	v := reflect.ValueOf(o.V)
	return !v.IsValid() || v.IsNil()
}

// TypeName is the type as %T prints it when it is compiled.
func (o Obj) TypeName() string { return typeString(o.T.typ) }

// Mirror is the value for code that makes a table of it by reflection: of slices,
// maps and structs those of compiled code, with the exported fields only, and in
// them values that print as they would when compiled. Of a list of n elements it
// has the first and the last tail, if there are more than head and tail.
func (o Obj) Mirror(head, tail int) (v any, n int) {
	r := reflect.ValueOf(o.V)
	if !r.IsValid() {
		return nil, 0
	}
	if r.Kind() == reflect.Array && r.Len() > head+tail { // which cannot be cut
		r, n = listed(r), r.Len()
		return o.T.rt.mirror(types.NewSlice(o.T.typ.Underlying().(*types.Array).Elem()), ends(r, head, tail)).Interface(), n
	}
	if r.Kind() == reflect.Slice {
		n = r.Len()
		r = ends(r, head, tail)
	}
	return o.T.rt.mirror(o.T.typ, r).Interface(), n
}

// listed is an array as a slice.
func listed(a reflect.Value) reflect.Value {
	s := reflect.MakeSlice(reflect.SliceOf(a.Type().Elem()), a.Len(), a.Len())
	reflect.Copy(s, a)
	return s
}

// ends is a slice without what lies between its first and its last elements.
func ends(s reflect.Value, head, tail int) reflect.Value {
	if n := s.Len(); n > head+tail {
		return reflect.AppendSlice(s.Slice3(0, head, head), s.Slice(n-tail, n))
	}
	return s
}

var anyReflect = reflect.TypeFor[any]()

// mirror converts a representation of the type t.
func (r *Runtime) mirror(t types.Type, v reflect.Value) reflect.Value {
	mt := r.mirrorType(t, v.Type())
	if mt == anyReflect {
		return r.boxed(t, v)
	}
	if mt == v.Type() {
		return v
	}
	out := reflect.New(mt).Elem()
	switch u := t.Underlying().(type) {
	case *types.Slice:
		out.Set(reflect.MakeSlice(mt, v.Len(), v.Len()))
		for i := range v.Len() {
			out.Index(i).Set(r.mirror(u.Elem(), v.Index(i)))
		}
	case *types.Array:
		for i := range v.Len() {
			out.Index(i).Set(r.mirror(u.Elem(), v.Index(i)))
		}
	case *types.Map:
		out.Set(reflect.MakeMap(mt))
		for it := v.MapRange(); it.Next(); {
			out.SetMapIndex(r.mirror(u.Key(), it.Key()), r.mirror(u.Elem(), it.Value()))
		}
	case *types.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(mt.Elem()))
			out.Elem().Set(r.mirror(u.Elem(), v.Elem()))
		}
	case *types.Struct:
		n := 0
		for i := range u.NumFields() {
			if f := u.Field(i); f.Exported() {
				out.Field(n).Set(r.cell(f.Type(), v.Field(i), mt.Field(n).Type))
				n++
			}
		}
	}
	return out
}

// cell is the value of a field.
func (r *Runtime) cell(t types.Type, v reflect.Value, mt reflect.Type) reflect.Value {
	if mt == anyReflect && !types.IsInterface(t) {
		return r.boxed(t, v)
	}
	return v
}

// boxed is an interface value that knows its type.
func (r *Runtime) boxed(t types.Type, v reflect.Value) reflect.Value {
	out := reflect.New(anyReflect).Elem()
	out.Set(reflect.ValueOf(r.box(r.add(t), v.Interface())))
	return out
}

// mirrorType is the type of the mirror of a t that is represented by rep: any
// for what stays an interpreted value.
func (r *Runtime) mirrorType(t types.Type, rep reflect.Type) reflect.Type {
	return r.mirrorAt(t, rep, 0)
}

// mostMirrored is how deep slices and maps in each other are mirrored.
const mostMirrored = 3

func (r *Runtime) mirrorAt(t types.Type, rep reflect.Type, depth int) reflect.Type {
	if depth > mostMirrored {
		return anyReflect
	}
	if !hasOwn(t, nil) || types.IsInterface(t) {
		return rep
	}
	if T := r.find(t); T != nil && (Obj{T: T}).Speaks() {
		return anyReflect
	}
	switch u := t.Underlying().(type) {
	case *types.Slice:
		return reflect.SliceOf(r.mirrorAt(u.Elem(), rep.Elem(), depth+1))
	case *types.Array:
		return reflect.ArrayOf(rep.Len(), r.mirrorAt(u.Elem(), rep.Elem(), depth+1))
	case *types.Map:
		return reflect.MapOf(r.mirrorAt(u.Key(), rep.Key(), depth+1), r.mirrorAt(u.Elem(), rep.Elem(), depth+1))
	case *types.Pointer:
		if s, ok := u.Elem().Underlying().(*types.Struct); ok {
			return reflect.PointerTo(r.mirrorStruct(s, rep.Elem()))
		}
	case *types.Struct:
		return r.mirrorStruct(u, rep)
	case *types.Basic:
		return rep
	}
	return anyReflect
}

// mirrorStruct has the exported fields of a struct.
func (r *Runtime) mirrorStruct(s *types.Struct, rep reflect.Type) reflect.Type {
	var fields []reflect.StructField
	for i := range s.NumFields() {
		f := s.Field(i)
		if !f.Exported() {
			continue
		}
		ft := rep.Field(i).Type
		if _, basic := f.Type().Underlying().(*types.Basic); basic {
			ft = r.mirrorType(f.Type(), ft)
		} else if hasOwn(f.Type(), nil) && !types.IsInterface(f.Type()) {
			ft = anyReflect
		}
		fields = append(fields, reflect.StructField{Name: f.Name(), Type: ft, Tag: reflect.StructTag(s.Tag(i))})
	}
	return reflect.StructOf(fields)
}

// hasOwn reports whether a type of the user's, or a struct without a name, is a
// part of t.
func hasOwn(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return false
	}
	if seen == nil {
		seen = map[types.Type]bool{}
	}
	seen[t] = true
	if n := namedOf(t); n != nil {
		return ownType(n)
	}
	switch u := types.Unalias(t).(type) {
	case *types.Struct:
		return true
	case *types.Map:
		return hasOwn(u.Key(), seen) || hasOwn(u.Elem(), seen)
	case interface{ Elem() types.Type }:
		return hasOwn(u.Elem(), seen)
	}
	return false
}
