package lower

import (
	"go/types"
	"reflect"
)

// View is the value for code that prints it by reflection, one level of it: a
// struct with all its fields, a pointer, a slice of the first most elements, of
// the n that there are, a map, or a plain value. What is of a type of the
// program inside of it is an Obj again.
func (o Obj) View(most int) (v any, n int) {
	r := reflect.ValueOf(o.V)
	if !r.IsValid() {
		if o.T.rep == nil {
			return nil, 0
		}
		r = reflect.Zero(o.T.rep)
	}
	rt := o.T.rt
	switch u := o.T.typ.Underlying().(type) {
	case *types.Struct:
		return rt.viewStruct(u, r), 0
	case *types.Pointer:
		if r.IsNil() {
			return (*any)(nil), 0
		}
		p := rt.inside(u.Elem(), r.Elem())
		return &p, 0
	case *types.Slice:
		return rt.viewList(u.Elem(), r, most), r.Len()
	case *types.Array:
		return rt.viewList(u.Elem(), r, most), r.Len()
	case *types.Map:
		m := make(map[any]any, r.Len())
		for it := r.MapRange(); it.Next(); {
			m[rt.inside(u.Key(), it.Key())] = rt.inside(u.Elem(), it.Value())
		}
		return m, len(m)
	}
	return r.Interface(), 0
}

// inside is a part of a value, which knows its type if that is the program's.
func (r *Runtime) inside(t types.Type, v reflect.Value) any {
	if types.IsInterface(t) || !hasOwn(t, nil) {
		return v.Interface()
	}
	if v.Kind() == reflect.Interface { // a hidden field
		v = v.Elem()
	}
	if !v.IsValid() {
		return r.box(r.add(t), nil)
	}
	return r.box(r.add(t), v.Interface())
}

func (r *Runtime) viewList(elem types.Type, v reflect.Value, most int) any {
	list := make([]any, min(v.Len(), most))
	for i := range list {
		list[i] = r.inside(elem, v.Index(i))
	}
	return list
}

// viewStruct has the fields of a struct under their names in its representation.
func (r *Runtime) viewStruct(s *types.Struct, v reflect.Value) any {
	fields, values := make([]reflect.StructField, s.NumFields()), make([]any, s.NumFields())
	for i := range fields {
		fields[i] = reflect.StructField{Name: v.Type().Field(i).Name, Type: anyReflect}
		values[i] = r.inside(s.Field(i).Type(), v.Field(i))
	}
	out := reflect.New(reflect.StructOf(fields)).Elem()
	for i, value := range values {
		if value != nil {
			out.Field(i).Set(reflect.ValueOf(value))
		}
	}
	return out.Interface()
}
