package symbols_test

import (
	"go/constant"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/kernel/symbols"
)

// withValue reports whether a name of a package has a value at run time: it is
// not generic and does not only constrain type parameters.
func withValue(obj types.Object) bool {
	switch obj := obj.(type) {
	case *types.Func:
		return obj.Signature().TypeParams() == nil
	case *types.TypeName:
		if g, ok := obj.Type().(interface{ TypeParams() *types.TypeParamList }); ok && g.TypeParams().Len() > 0 {
			return false
		}
		iface, ok := obj.Type().Underlying().(*types.Interface)
		return !ok || iface.IsMethodSet()
	}
	return true
}

// Types and values are two descriptions of one package: every exported name that
// can have a value has one, of the same type, and there are no others.
func TestTypesAndValuesAgree(t *testing.T) {
	imports := symbols.Importer(token.NewFileSet())
	for _, path := range symbols.Packages() {
		pkg, err := imports.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		name, values, ok := symbols.Values(path)
		if !ok || name != pkg.Name() {
			t.Errorf("%s: values of package %q, types of %q", path, name, pkg.Name())
		}
		same := comparison{}
		for _, name := range pkg.Scope().Names() {
			obj := pkg.Scope().Lookup(name)
			if !obj.Exported() || !withValue(obj) {
				continue
			}
			v, ok := values[name]
			if !ok {
				t.Errorf("%s.%s has no value", path, name)
				continue
			}
			if !agrees(same, obj, v) {
				t.Errorf("%s: the value is of type %v", obj, v.Type())
			}
			delete(values, name)
		}
		for name := range values {
			of := pkg.Scope().Lookup(strings.TrimPrefix(name, "_"))
			if of == nil || name[0] != '_' || !types.IsInterface(of.Type()) {
				t.Errorf("%s.%s has a value but no type", path, name)
			}
		}
	}
}

func agrees(same comparison, obj types.Object, v reflect.Value) bool {
	switch obj := obj.(type) {
	case *types.Const:
		if c, ok := v.Interface().(constant.Value); ok {
			return constant.Compare(c, token.EQL, obj.Val())
		}
		return same.types(v.Type(), types.Default(obj.Type()))
	case *types.Var:
		return v.CanAddr() && same.types(v.Type(), obj.Type())
	case *types.TypeName:
		return v.Kind() == reflect.Pointer && v.IsNil() && same.types(v.Type().Elem(), obj.Type())
	}
	return same.types(v.Type(), obj.Type())
}

// comparison holds the named types that are known, or being found, to be the
// same for reflect and for go/types.
type comparison map[reflect.Type]bool

func (c comparison) types(r reflect.Type, t types.Type) bool {
	t = types.Unalias(t)
	if named, ok := t.(*types.Named); ok {
		return c.named(r, named)
	}
	if _, ok := t.(*types.Basic); !ok && r.Name() != "" {
		return false
	}
	return (r.PkgPath() == "" || r.Kind() == reflect.UnsafePointer) && c.underlying(r, t)
}

// named compares two defined types: their names, what is below, their methods.
func (c comparison) named(r reflect.Type, t *types.Named) bool {
	if known, ok := c[r]; ok {
		return known
	}
	name, _, _ := strings.Cut(r.Name(), "[")
	path := ""
	if p := t.Obj().Pkg(); p != nil {
		path = p.Path()
	}
	c[r] = name == t.Obj().Name() && r.PkgPath() == path
	c[r] = c[r] && c.underlying(r, t.Underlying()) && c.methods(r, t)
	return c[r]
}

// methods compares the exported methods of a type and of the pointer to it.
func (c comparison) methods(r reflect.Type, t types.Type) bool {
	var p types.Type = types.NewPointer(t)
	rp := reflect.PointerTo(r)
	if types.IsInterface(t) {
		p, rp = t, r
	}
	n := 0
	for sel := range types.NewMethodSet(p).Methods() {
		f := sel.Obj().(*types.Func)
		if !f.Exported() {
			continue
		}
		n++
		m, ok := rp.MethodByName(f.Name())
		skip := 1
		if types.IsInterface(t) {
			skip = 0
		}
		if !ok || !c.signature(m.Type, sel.Type().(*types.Signature), skip) {
			return false
		}
	}
	for m := range rp.Methods() {
		if m.IsExported() {
			n--
		}
	}
	return n == 0
}

func (c comparison) underlying(r reflect.Type, t types.Type) bool {
	switch t := t.(type) {
	case *types.Basic:
		if t.Kind() == types.UnsafePointer {
			return r.Kind() == reflect.UnsafePointer
		}
		return r.Kind().String() == types.Typ[t.Kind()].Name() // Typ has no byte and rune
	case *types.Pointer:
		return r.Kind() == reflect.Pointer && c.types(r.Elem(), t.Elem())
	case *types.Slice:
		return r.Kind() == reflect.Slice && c.types(r.Elem(), t.Elem())
	case *types.Array:
		return r.Kind() == reflect.Array && int64(r.Len()) == t.Len() && c.types(r.Elem(), t.Elem())
	case *types.Chan:
		return r.Kind() == reflect.Chan && c.types(r.Elem(), t.Elem())
	case *types.Map:
		return r.Kind() == reflect.Map && c.types(r.Key(), t.Key()) && c.types(r.Elem(), t.Elem())
	case *types.Signature:
		return c.signature(r, t, 0)
	case *types.Struct:
		return c.structs(r, t)
	case *types.Interface:
		return r.Kind() == reflect.Interface && r.NumMethod() == t.NumMethods()
	}
	return false
}

func (c comparison) structs(r reflect.Type, t *types.Struct) bool {
	if r.Kind() != reflect.Struct || r.NumField() != t.NumFields() {
		return false
	}
	for i := range t.NumFields() {
		f, g := r.Field(i), t.Field(i)
		if f.Name != g.Name() || string(f.Tag) != t.Tag(i) || g.Exported() && !c.types(f.Type, g.Type()) {
			return false
		}
	}
	return true
}

func (c comparison) signature(r reflect.Type, t *types.Signature, skip int) bool {
	if r.Kind() != reflect.Func || r.NumIn()-skip != t.Params().Len() || r.NumOut() != t.Results().Len() || r.IsVariadic() != t.Variadic() {
		return false
	}
	for i := range t.Params().Len() {
		if !c.types(r.In(i+skip), t.Params().At(i).Type()) {
			return false
		}
	}
	for i := range t.Results().Len() {
		if !c.types(r.Out(i), t.Results().At(i).Type()) {
			return false
		}
	}
	return true
}

// A wrapper has the value and a function for each exported method, and
// implements the interface unless that has methods that are not exported.
func TestWrappers(t *testing.T) {
	for _, path := range symbols.Packages() {
		_, values, _ := symbols.Values(path)
		for name, v := range values {
			if v.Kind() != reflect.Pointer || v.Type().Elem().Kind() != reflect.Interface || v.CanAddr() {
				continue
			}
			iface := v.Type().Elem()
			if iface.NumMethod() == 0 || iface.PkgPath() != path || iface.Name() != name {
				continue // an alias: the wrapper is where the interface is defined
			}
			w, ok := values["_"+name]
			if !ok {
				t.Errorf("%s.%s has no wrapper", path, name)
				continue
			}
			if why := wrong(w.Type().Elem(), iface); why != "" {
				t.Errorf("wrapper of %s.%s: %s", path, name, why)
			}
		}
	}
}

func wrong(wrapper, iface reflect.Type) string {
	var want []string
	sealed := false
	for m := range iface.Methods() {
		if sealed = sealed || !m.IsExported(); m.IsExported() {
			want = append(want, "W"+m.Name)
		}
	}
	if f := wrapper.Field(0); f.Name != "IValue" || f.Type != reflect.TypeFor[any]() {
		return "the first field is not IValue"
	}
	var got []string
	for f := range wrapper.Fields() {
		got = append(got, f.Name)
	}
	if got = got[1:]; !slices.Equal(slices.Sorted(slices.Values(got)), want) {
		return "not one function per method"
	}
	if !sealed && !wrapper.Implements(iface) {
		return "it does not implement the interface"
	}
	return ""
}
