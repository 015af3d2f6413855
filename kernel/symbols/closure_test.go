package symbols_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/govidur/govidur/kernel/symbols"
)

// reach walks the types that a script can get at from one and notes the
// interfaces with methods among them.
type reach map[reflect.Type]bool

func (r reach) visit(t reflect.Type) {
	if r[t] {
		return
	}
	r[t] = true
	switch t.Kind() {
	case reflect.Map:
		r.visit(t.Key())
		r.visit(t.Elem())
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan:
		r.visit(t.Elem())
	case reflect.Struct:
		for f := range t.Fields() {
			if f.IsExported() || f.Anonymous {
				r.visit(f.Type)
			}
		}
	case reflect.Func:
		for i := range t.NumIn() {
			r.visit(t.In(i))
		}
		for i := range t.NumOut() {
			r.visit(t.Out(i))
		}
	}
	for m := range t.Methods() {
		r.visit(m.Type)
	}
	if t.Name() != "" && t.Kind() != reflect.Interface {
		r.visit(reflect.PointerTo(t))
	}
}

// An interpreter with the values of the closure has the wrapper of every
// interface that the script can meet.
func TestClosureHasTheWrappers(t *testing.T) {
	all := symbols.Packages()
	for _, path := range all {
		_, values, _ := symbols.Values(path)
		closure := symbols.Closure(path)
		r := reach{}
		for _, v := range values {
			r.visit(v.Type())
		}
		for typ := range r {
			if typ.Kind() != reflect.Interface || typ.NumMethod() == 0 || !slices.Contains(all, typ.PkgPath()) {
				continue
			}
			if !slices.Contains(closure, typ.PkgPath()) {
				t.Errorf("%s: the closure has no wrapper of %s.%s", path, typ.PkgPath(), typ.Name())
			}
		}
	}
}
