package lower

import (
	"go/types"
	"reflect"
	"strings"

	"github.com/govidur/govidur/kernel/symbols"
)

// Obj is a value of a type of the user's program in an interface. The type goes
// with the value because the representation does not say it. Two are equal if
// type and value are, as in Go.
type Obj struct {
	T *Type
	V any
}

// Err is an Obj whose type is an error.
type Err struct{ Obj }

func (r *Runtime) setType(i int, p any) {
	t := r.at(i)
	t.rep = reflect.TypeOf(p).Elem()
}

func (r *Runtime) setMethod(i int, name string, f any)           { r.at(i).methods[name] = f }
func (r *Runtime) setBinder(i int, name string, f func(any) any) { r.at(i).binders[name] = f }

// box puts a value of the type numbered i in an interface.
func (r *Runtime) box(i int, v any) any {
	t := r.types[i-1]
	o := Obj{t, v}
	if _, ok := t.methods["Error"].(func(any) string); ok {
		return Err{o}
	}
	return o
}

// object is the Obj that an interface value holds, also within a wrapper.
func object(v any) (Obj, bool) {
	switch v := v.(type) {
	case Obj:
		return v, true
	case Err:
		return v.Obj, true
	case nil, int, string, float64, bool:
		return Obj{}, false
	}
	w := reflect.ValueOf(v)
	if w.Kind() == reflect.Pointer && !w.IsNil() && isWrapper(w.Type().Elem()) {
		return object(w.Elem().Field(0).Interface())
	}
	return Obj{}, false
}

// isWrapper reports whether a type is one by which interpreted values implement
// an interface of compiled code.
func isWrapper(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && strings.HasPrefix(t.Name(), "_") && t.NumField() > 0 && t.Field(0).Name == "IValue"
}

// normal is an interface value as interpreted interfaces hold it.
func normal(v any) any {
	if o, ok := object(v); ok {
		if _, isErr := o.T.methods["Error"].(func(any) string); isErr {
			return Err{o}
		}
		return o
	}
	return v
}

// id is the number of the type of an interpreted value, 0 for compiled ones.
func (r *Runtime) id(v any) int {
	if o, ok := object(v); ok {
		return o.T.index
	}
	return 0
}

// get takes the value out of an interface into *p.
func get(v, p any) {
	dst := reflect.ValueOf(p).Elem()
	if o, ok := object(v); ok {
		v = o.V
	}
	if v == nil {
		dst.SetZero()
		return
	}
	dst.Set(reflect.ValueOf(v))
}

// is reports whether v holds a value of the type numbered i or, if that is an
// interface, one that implements it.
func (r *Runtime) is(i int, v any) bool {
	if v == nil {
		return false
	}
	t := r.at(i)
	o, own := object(v)
	iface, isIface := t.typ.Underlying().(*types.Interface)
	switch {
	case isIface && own:
		return r.implements(o.T, t, iface)
	case isIface:
		return r.compiledImplements(reflect.TypeOf(v), t, iface)
	case own:
		return o.T == t
	}
	return t.rep == reflect.TypeOf(v) && !t.boxed
}

func (r *Runtime) implements(t, to *Type, iface *types.Interface) bool {
	r.mu.RLock()
	yes, known := t.impl[to.index]
	r.mu.RUnlock()
	if known {
		return yes
	}
	yes = types.Implements(t.typ, iface)
	r.mu.Lock()
	t.impl[to.index] = yes
	r.mu.Unlock()
	return yes
}

// compiledImplements compares methods by name and signature.
func (r *Runtime) compiledImplements(v reflect.Type, t *Type, iface *types.Interface) bool {
	if t.rep != nil && t.rep.Kind() == reflect.Interface {
		return v.Implements(t.rep)
	}
	for i := range iface.NumMethods() {
		f := iface.Method(i)
		m, ok := v.MethodByName(f.Name())
		if !ok || signatureString(m.Type, 1) != signatureText(f.Signature()) {
			return false
		}
	}
	return true
}

// signatureString is the text of parameters and results, as types.TypeString
// without names has it.
func signatureString(t reflect.Type, skip int) string {
	var in, out []string
	for i := skip; i < t.NumIn(); i++ {
		s := t.In(i).String()
		if t.IsVariadic() && i == t.NumIn()-1 {
			s = "..." + t.In(i).Elem().String()
		}
		in = append(in, s)
	}
	for i := range t.NumOut() {
		out = append(out, t.Out(i).String())
	}
	s := "(" + strings.Join(in, ", ") + ")"
	switch len(out) {
	case 0:
	case 1:
		s += " " + out[0]
	default:
		s += " (" + strings.Join(out, ", ") + ")"
	}
	return s
}

// must returns v if it holds the type numbered i, and panics as Go does if not.
func (r *Runtime) must(i, from int, v any) any {
	if r.is(i, v) {
		return v
	}
	panic(r.assertionError(r.at(i), r.at(from), v))
}

// native converts an interface value to the interface of compiled code that *p
// is, by way of a wrapper if it is interpreted.
func (r *Runtime) native(i int, v, p any) {
	dst := reflect.ValueOf(p).Elem()
	if v == nil {
		return
	}
	o, own := object(v)
	if !own {
		dst.Set(reflect.ValueOf(v))
		return
	}
	if e, ok := normal(o).(Err); ok && reflect.TypeOf(e).Implements(dst.Type()) {
		dst.Set(reflect.ValueOf(e))
		return
	}
	wt := wrapperOf(dst.Type())
	w := reflect.New(wt)
	w.Elem().Field(0).Set(reflect.ValueOf(any(o)))
	for k := 1; k < wt.NumField(); k++ {
		b := o.T.binders[wt.Field(k).Name[1:]]
		if b == nil {
			panic(unsupported("the method " + wt.Field(k).Name[1:] + " of " + o.T.String() + " for compiled code"))
		}
		w.Elem().Field(k).Set(reflect.ValueOf(b(o)))
	}
	dst.Set(w)
}

// wrapperOf is the wrapper of an interface type of a package that is offered.
func wrapperOf(t reflect.Type) reflect.Type {
	_, values, _ := symbols.Values(t.PkgPath())
	w, ok := values["_"+t.Name()]
	if !ok {
		panic(unsupported("an interpreted value as a " + t.String()))
	}
	return w.Type().Elem()
}

// toError converts an interface value to error.
func (r *Runtime) toError(v any) error {
	switch v := normal(v).(type) {
	case nil:
		return nil
	case error:
		return v
	}
	panic(unsupported("this value as an error"))
}

// bind sets the function *p to one that calls a method of a compiled value: its
// first argument is the value.
func (r *Runtime) bind(name string, v, p any) {
	if v == nil {
		panic(nilDereference())
	}
	dst := reflect.ValueOf(p).Elem()
	dst.Set(reflect.MakeFunc(dst.Type(), func(in []reflect.Value) []reflect.Value {
		m := in[0].Elem().MethodByName(name)
		if m.Type().IsVariadic() {
			return m.CallSlice(in[1:])
		}
		out := m.Call(in[1:])
		for i := range out {
			if want := dst.Type().Out(i); out[i].Type() != want {
				out[i] = out[i].Convert(want)
			}
		}
		return out
	}))
}

// unwrap is the representation of a value.
func unwrap(v any) any {
	if o, ok := object(v); ok {
		return o.V
	}
	return v
}

// hide is a value in a hidden field.
func hide(v any) any {
	if r := reflect.ValueOf(v); !r.IsValid() || r.IsNil() {
		return nil
	}
	return v
}

// plainValue is v, which must not be interpreted, nor hold what is.
func plainValue(v any) any {
	checkPlain(reflect.ValueOf(v), 0)
	return v
}

// deepestPlain is how far into a value checkPlain looks.
const deepestPlain = 6

func checkPlain(v reflect.Value, depth int) {
	if !v.IsValid() || depth > deepestPlain {
		return
	}
	if v.Type() == reflect.TypeFor[Obj]() || v.Type() == reflect.TypeFor[Err]() {
		o, _ := object(v.Interface())
		panic(unsupported("reflection on a " + o.T.String()))
	}
	switch v.Kind() {
	case reflect.Interface:
		checkPlain(v.Elem(), depth+1)
	case reflect.Slice, reflect.Array:
		if holdsInterfaces(v.Type().Elem()) {
			for i := range v.Len() {
				checkPlain(v.Index(i), depth+1)
			}
		}
	case reflect.Map:
		if holdsInterfaces(v.Type().Elem()) || holdsInterfaces(v.Type().Key()) {
			for it := v.MapRange(); it.Next(); {
				checkPlain(it.Key(), depth+1)
				checkPlain(it.Value(), depth+1)
			}
		}
	}
}

// holdsInterfaces reports whether the elements of a type may be interpreted values.
func holdsInterfaces(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Slice, reflect.Array:
		return holdsInterfaces(t.Elem())
	case reflect.Map:
		return holdsInterfaces(t.Key()) || holdsInterfaces(t.Elem())
	}
	return false
}
