package lower

import (
	"encoding/json"
	"go/types"
	"reflect"
)

// elem is the number of the type that a pointer type points to.
func (r *Runtime) elem(t *Type) int {
	return r.add(t.typ.Underlying().(*types.Pointer).Elem())
}

// MarshalJSON encodes an interpreted value by its exported fields.
func (o Obj) MarshalJSON() ([]byte, error) {
	if f, ok := o.T.methods["MarshalJSON"].(func(any) ([]byte, error)); ok {
		return f(o)
	}
	if f, ok := o.T.methods["MarshalText"].(func(any) ([]byte, error)); ok {
		b, err := f(o)
		if err != nil {
			return nil, err
		}
		return json.Marshal(string(b))
	}
	src := reflect.ValueOf(o.V)
	dst := reflect.New(viewType(o.T.typ, nil)).Elem()
	copyView(o.T.typ, dst, src, true)
	return json.Marshal(dst.Interface())
}

// filler decodes JSON into an interpreted variable.
type filler struct{ o Obj }

// UnmarshalJSON decodes into a view of the variable and copies that back.
func (f *filler) UnmarshalJSON(b []byte) error {
	t := f.o.T.typ.Underlying().(*types.Pointer).Elem()
	dst := reflect.ValueOf(f.o.V).Elem()
	view := reflect.New(viewType(t, nil))
	copyView(t, view.Elem(), dst, true)
	if err := json.Unmarshal(b, view.Interface()); err != nil {
		return err
	}
	copyView(t, view.Elem(), dst, false)
	return nil
}

// fill is what a decoder takes for the pointer v.
func fill(v any) any {
	o, ok := object(v)
	if !ok {
		return v
	}
	if p, ok := o.T.typ.Underlying().(*types.Pointer); !ok || reflect.ValueOf(o.V).IsNil() {
		return o.V
	} else if types.IsInterface(p.Elem()) {
		panic(unsupported("decoding into a " + typeString(p.Elem())))
	}
	return &filler{o}
}

// viewType is a type that package json treats as the compiled t.
func viewType(t types.Type, within []types.Type) reflect.Type {
	for _, w := range within {
		if types.Identical(w, t) {
			panic(unsupported("JSON of the recursive type " + typeString(t)))
		}
	}
	if _, ok := t.(*types.Named); ok {
		within = append(within, t)
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return basicType(u)
	case *types.Pointer:
		return reflect.PointerTo(viewType(u.Elem(), within))
	case *types.Slice:
		return reflect.SliceOf(viewType(u.Elem(), within))
	case *types.Array:
		return reflect.ArrayOf(int(u.Len()), viewType(u.Elem(), within))
	case *types.Map:
		return reflect.MapOf(viewType(u.Key(), within), viewType(u.Elem(), within))
	case *types.Interface:
		return reflect.TypeFor[any]()
	case *types.Struct:
		return viewStruct(t, u, within)
	}
	panic(unsupported("JSON of a " + typeString(t)))
}

func viewStruct(t types.Type, u *types.Struct, within []types.Type) reflect.Type {
	n := namedOf(t)
	if n != nil && !ownType(n) || hasJSON(t) {
		panic(unsupported("JSON of a struct with a " + typeString(t)))
	}
	var fields []reflect.StructField
	for i := range u.NumFields() {
		f := u.Field(i)
		if f.Embedded() {
			panic(unsupported("JSON of a struct with embedded fields"))
		}
		if f.Exported() {
			if hasJSON(f.Type()) {
				panic(unsupported("JSON of a struct with a " + typeString(f.Type())))
			}
			fields = append(fields, reflect.StructField{Name: f.Name(), Type: viewType(f.Type(), within), Tag: reflect.StructTag(u.Tag(i))})
		}
	}
	return reflect.StructOf(fields)
}

// hasJSON reports whether values of the type encode themselves.
func hasJSON(t types.Type) bool {
	for _, t := range []types.Type{t, types.NewPointer(t)} {
		set := types.NewMethodSet(t)
		for i := range set.Len() {
			switch set.At(i).Obj().Name() {
			case "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText":
				return true
			}
		}
	}
	return false
}

func basicType(b *types.Basic) reflect.Type {
	for _, v := range []any{false, int(0), int8(0), int16(0), int32(0), int64(0), uint(0), uint8(0), uint16(0), uint32(0), uint64(0), uintptr(0), float32(0), float64(0), ""} {
		if t := reflect.TypeOf(v); t.Kind().String() == types.Typ[b.Kind()].Name() {
			return t
		}
	}
	panic(unsupported("JSON of a " + b.Name()))
}

// copyView copies between a value and its view.
func copyView(t types.Type, view, v reflect.Value, toView bool) {
	if v.Kind() == reflect.Interface && !types.IsInterface(t) {
		panic(unsupported("JSON of types that refer to each other"))
	}
	dst, src := view, v
	if !toView {
		dst, src = v, view
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		k := 0
		for i := range u.NumFields() {
			if u.Field(i).Exported() {
				copyView(u.Field(i).Type(), view.Field(k), v.Field(i), toView)
				k++
			}
		}
	case *types.Array:
		for i := range int(u.Len()) {
			copyView(u.Elem(), view.Index(i), v.Index(i), toView)
		}
	case *types.Pointer:
		if src.IsNil() {
			dst.SetZero()
			return
		}
		if dst.IsNil() {
			dst.Set(reflect.New(dst.Type().Elem()))
		}
		copyView(u.Elem(), view.Elem(), v.Elem(), toView)
	case *types.Slice:
		copySlice(u.Elem(), dst, src, toView)
	case *types.Map:
		copyMap(u, dst, src, toView)
	default:
		dst.Set(src)
	}
}

func copySlice(elem types.Type, dst, src reflect.Value, toView bool) {
	if src.IsNil() {
		dst.SetZero()
		return
	}
	out := reflect.MakeSlice(dst.Type(), src.Len(), src.Len())
	for i := range src.Len() {
		copyOne(elem, out.Index(i), src.Index(i), toView)
	}
	dst.Set(out)
}

func copyOne(t types.Type, dst, src reflect.Value, toView bool) {
	if toView {
		copyView(t, dst, src, true)
		return
	}
	copyView(t, src, dst, false)
}

func copyMap(m *types.Map, dst, src reflect.Value, toView bool) {
	if src.IsNil() {
		dst.SetZero()
		return
	}
	out := reflect.MakeMapWithSize(dst.Type(), src.Len())
	for it := src.MapRange(); it.Next(); {
		k, e := reflect.New(dst.Type().Key()).Elem(), reflect.New(dst.Type().Elem()).Elem()
		copyOne(m.Key(), k, it.Key(), toView)
		copyOne(m.Elem(), e, it.Value(), toView)
		out.SetMapIndex(k, e)
	}
	dst.Set(out)
}
