package lower

import (
	"encoding/json"
	"go/types"
	"reflect"
)

// JSON of interpreted values: package json is given a view of the value, made of
// types that it treats as it would the compiled ones. What encodes itself, and
// types that refer to themselves, are in the view as selfCoded: they are encoded
// and decoded when package json comes to them.

// MarshalJSON encodes an interpreted value by its methods or exported fields.
func (o Obj) MarshalJSON() ([]byte, error) { return o.T.rt.encode(o.T.typ, o.represented(), 0) }

// JSONView is the value as package json is given it; nil if the program encodes it
// itself.
func (o Obj) JSONView() any {
	if codes(o.T.typ, marshals) {
		return nil
	}
	return o.T.rt.jsonView(o.T.typ, o.represented(), 0)
}

func (o Obj) represented() reflect.Value {
	if v := reflect.ValueOf(o.V); v.IsValid() {
		return v
	}
	return reflect.Zero(o.T.rep)
}

// deepestJSON is how often a type that refers to itself may do so in a value.
const deepestJSON = 1000

func (r *Runtime) encode(t types.Type, v reflect.Value, depth int) ([]byte, error) {
	if codes(t, marshals) {
		return r.encodeSelf(t, v)
	}
	return json.Marshal(r.jsonView(t, v, depth))
}

func (r *Runtime) jsonView(t types.Type, v reflect.Value, depth int) any {
	if depth > deepestJSON {
		panic(unsupported("JSON of a " + typeString(t) + " that refers to itself"))
	}
	w := &viewer{rt: r, encoding: true, depth: depth + 1}
	view := reflect.New(w.typeOf(t, v.Type(), v, nil)).Elem()
	w.show(t, view, v)
	return view.Interface()
}

// encodeSelf encodes by a method of the program.
func (r *Runtime) encodeSelf(t types.Type, v reflect.Value) ([]byte, error) {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return []byte("null"), nil
	}
	o, m := r.object(t, v)
	switch f := first(m["MarshalJSON"], m["MarshalText"]).(type) {
	case func(any) ([]byte, error):
		b, err := f(o)
		if err == nil && m["MarshalJSON"] == nil {
			return json.Marshal(string(b))
		}
		return b, err
	}
	panic(unsupported("JSON of a " + typeString(t)))
}

func first(list ...any) any {
	for _, x := range list {
		if x != nil {
			return x
		}
	}
	return nil
}

// object is an interface value and the methods that the program has told of.
func (r *Runtime) object(t types.Type, v reflect.Value) (any, map[string]any) {
	i := r.add(t)
	return r.box(i, v.Interface()), r.at(i).methods
}

// filler decodes JSON into an interpreted variable.
type filler struct{ o Obj }

// UnmarshalJSON decodes into the variable.
func (f *filler) UnmarshalJSON(b []byte) error {
	return f.o.T.rt.decode(f.o.T.typ, reflect.ValueOf(f.o.V), b)
}

// decode decodes into *p, which has the pointer type t.
func (r *Runtime) decode(t types.Type, p reflect.Value, b []byte) error {
	if codes(t, unmarshals) {
		return r.decodeSelf(t, p, b)
	}
	w := &viewer{rt: r}
	elem, dst := t.Underlying().(*types.Pointer).Elem(), p.Elem()
	view := reflect.New(w.typeOf(elem, dst.Type(), dst, nil))
	w.show(elem, view.Elem(), dst)
	err := json.Unmarshal(b, view.Interface())
	w.take(elem, dst, view.Elem())
	if err == nil {
		err = w.err
	}
	return err
}

// decodeSelf decodes by a method of the program.
func (r *Runtime) decodeSelf(t types.Type, p reflect.Value, b []byte) error {
	o, m := r.object(t, p)
	if f, ok := m["UnmarshalJSON"].(func(any, []byte) error); ok {
		return f(o, b)
	}
	f, ok := m["UnmarshalText"].(func(any, []byte) error)
	if !ok {
		panic(unsupported("JSON into a " + typeString(t)))
	}
	if string(b) == "null" {
		return nil
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		panic(unsupported("JSON that is no string for a " + typeString(t)))
	}
	return f(o, []byte(s))
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

// selfCoded stands in a view for a value that is encoded or decoded later.
type selfCoded struct {
	w   *viewer
	typ types.Type
	v   reflect.Value // that is encoded
	raw []byte        // that is decoded
}

var selfCodedType = reflect.TypeFor[selfCoded]()

// MarshalJSON encodes the value.
func (s selfCoded) MarshalJSON() ([]byte, error) {
	if !s.v.IsValid() {
		return []byte("null"), nil
	}
	return s.w.rt.encode(s.typ, s.v, s.w.depth)
}

// UnmarshalJSON keeps the text until it is known where the value goes.
func (s *selfCoded) UnmarshalJSON(b []byte) error {
	s.raw = append([]byte(nil), b...)
	return nil
}

var (
	marshals   = map[string]bool{"MarshalJSON": true, "MarshalText": true}
	unmarshals = map[string]bool{"UnmarshalJSON": true, "UnmarshalText": true}
)

// codes reports whether a type has one of the methods.
func codes(t types.Type, methods map[string]bool) bool {
	set := types.NewMethodSet(t)
	for i := range set.Len() {
		if methods[set.At(i).Obj().Name()] {
			return true
		}
	}
	return false
}
