package lower

import (
	"go/types"
	"reflect"
	"slices"
)

// viewer makes views: of values that are encoded, or to decode into.
type viewer struct {
	rt       *Runtime
	encoding bool
	depth    int // of views in views
	fields   map[reflect.Type][]viewField
	err      error // of what decodes itself
}

// typeOf is the type of the view of a t that rep represents. v is the value if
// it is known, within are the types around it.
func (w *viewer) typeOf(t types.Type, rep reflect.Type, v reflect.Value, within []types.Type) reflect.Type {
	switch {
	case !hasOwn(t, nil):
		return rep
	case len(within) > 0 && w.apart(t, rep, within):
		return selfCodedType
	}
	within = append(slices.Clone(within), t)
	of := func(t types.Type, rep reflect.Type) reflect.Type { return w.typeOf(t, rep, reflect.Value{}, within) }
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return rep
	case *types.Pointer:
		if rep.Kind() != reflect.Pointer || w.codesItself(t) {
			return reflect.PointerTo(selfCodedType)
		}
		return reflect.PointerTo(of(u.Elem(), rep.Elem()))
	case *types.Slice:
		return reflect.SliceOf(of(u.Elem(), rep.Elem()))
	case *types.Array:
		return reflect.ArrayOf(int(u.Len()), of(u.Elem(), rep.Elem()))
	case *types.Map:
		if codes(types.NewPointer(u.Key()), marshals) || codes(types.NewPointer(u.Key()), unmarshals) {
			panic(unsupported("JSON of a map with keys of type " + typeString(u.Key())))
		}
		return reflect.MapOf(of(u.Key(), rep.Key()), of(u.Elem(), rep.Elem()))
	case *types.Interface:
		if !w.encoding && u.NumMethods() > 0 {
			panic(unsupported("JSON into a " + typeString(t)))
		}
		return rep
	case *types.Struct:
		return w.structOf(t, rep, v, within)
	}
	panic(unsupported("JSON of a " + typeString(t)))
}

// apart reports whether values of a type within others are encoded or decoded
// when package json comes to them.
func (w *viewer) apart(t types.Type, rep reflect.Type, within []types.Type) bool {
	if _, pointer := t.Underlying().(*types.Pointer); pointer || types.IsInterface(t) {
		return false
	}
	if rep.Kind() == reflect.Interface && !w.encoding {
		panic(unsupported("JSON into types that refer to each other"))
	}
	if w.encoding && !codes(t, marshals) && codes(types.NewPointer(t), marshals) {
		panic(unsupported("JSON of a " + typeString(t) + " whose pointer encodes itself"))
	}
	recurs := slices.ContainsFunc(within, func(u types.Type) bool { return types.Identical(t, u) })
	return recurs || rep.Kind() == reflect.Interface || w.codesItself(t) || w.encoding && embedsPointer(t)
}

// codesItself reports whether a method encodes a t, or decodes into one.
func (w *viewer) codesItself(t types.Type) bool {
	if w.encoding {
		return codes(t, marshals)
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	return codes(types.NewPointer(t), unmarshals)
}

// show makes view the view of v.
func (w *viewer) show(t types.Type, view, v reflect.Value) {
	hiding := v.Kind() == reflect.Interface && !types.IsInterface(t)
	switch {
	case hiding && v.IsNil():
		return
	case hiding:
		v = v.Elem()
	}
	switch view.Type() {
	case selfCodedType:
		view.Set(reflect.ValueOf(selfCoded{w: w, typ: t, v: v}))
		return
	case reflect.PointerTo(selfCodedType):
		if !v.IsNil() {
			view.Set(reflect.ValueOf(&selfCoded{w: w, typ: t, v: v}))
		}
		return
	case v.Type():
		view.Set(v)
		return
	}
	w.showParts(t, view, v)
}

func (w *viewer) showParts(t types.Type, view, v reflect.Value) {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for i, f := range w.fields[view.Type()] {
			if from, ok := follow(v, f.path); ok {
				w.show(f.typ, view.Field(i), from)
			}
		}
	case *types.Array:
		for i := range v.Len() {
			w.show(u.Elem(), view.Index(i), v.Index(i))
		}
	case *types.Pointer:
		if !v.IsNil() {
			view.Set(reflect.New(view.Type().Elem()))
			w.show(u.Elem(), view.Elem(), v.Elem())
		}
	case *types.Slice:
		copySlice(view, v, func(to, from reflect.Value) { w.show(u.Elem(), to, from) })
	case *types.Map:
		copyMap(view, v, func(to, from reflect.Value) { w.show(u.Key(), to, from) }, func(to, from reflect.Value) { w.show(u.Elem(), to, from) })
	}
}

// take sets v to what was decoded into its view.
func (w *viewer) take(t types.Type, v, view reflect.Value) {
	switch s := view.Interface().(type) {
	case selfCoded:
		w.decode(types.NewPointer(t), v.Addr(), s.raw)
		return
	case *selfCoded:
		if s == nil {
			v.SetZero()
			return
		}
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		w.decode(t, v, s.raw)
		return
	}
	if view.Type() == v.Type() {
		v.Set(view)
		return
	}
	w.takeParts(t, v, view)
}

func (w *viewer) takeParts(t types.Type, v, view reflect.Value) {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for i, f := range w.fields[view.Type()] {
			to, _ := follow(v, f.path)
			w.take(f.typ, to, view.Field(i))
		}
	case *types.Array:
		for i := range v.Len() {
			w.take(u.Elem(), v.Index(i), view.Index(i))
		}
	case *types.Pointer:
		if view.IsNil() {
			v.SetZero()
			return
		}
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		w.take(u.Elem(), v.Elem(), view.Elem())
	case *types.Slice:
		copySlice(v, view, func(to, from reflect.Value) { w.take(u.Elem(), to, from) })
	case *types.Map:
		copyMap(v, view, func(to, from reflect.Value) { w.take(u.Key(), to, from) }, func(to, from reflect.Value) { w.take(u.Elem(), to, from) })
	}
}

// decode decodes what package json left, if it came there.
func (w *viewer) decode(t types.Type, p reflect.Value, raw []byte) {
	if raw == nil {
		return
	}
	if err := w.rt.decode(t, p, raw); err != nil && w.err == nil {
		w.err = err
	}
}

func copySlice(dst, src reflect.Value, one func(to, from reflect.Value)) {
	if src.IsNil() {
		dst.SetZero()
		return
	}
	out := reflect.MakeSlice(dst.Type(), src.Len(), src.Len())
	for i := range src.Len() {
		one(out.Index(i), src.Index(i))
	}
	dst.Set(out)
}

func copyMap(dst, src reflect.Value, key, elem func(to, from reflect.Value)) {
	if src.IsNil() {
		dst.SetZero()
		return
	}
	out := reflect.MakeMapWithSize(dst.Type(), src.Len())
	for it := src.MapRange(); it.Next(); {
		k, e := reflect.New(dst.Type().Key()).Elem(), reflect.New(dst.Type().Elem()).Elem()
		key(k, it.Key())
		elem(e, it.Value())
		out.SetMapIndex(k, e)
	}
	dst.Set(out)
}
