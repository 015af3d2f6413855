package lower

import (
	"fmt"
	"go/types"
	"io"
	"reflect"
	"sort"
	"strings"
)

// Format prints an interpreted value as fmt would print the compiled one: with
// its own methods and the names of its fields and types.
func (o Obj) Format(s fmt.State, verb rune) {
	p := &printer{s: s, verb: verb, spec: specOf(s, verb), rt: o.T.rt, sharp: verb == 'v' && s.Flag('#'), plus: verb == 'v' && s.Flag('+')}
	if p.methods(o) {
		return
	}
	v := reflect.ValueOf(o.V)
	if !v.IsValid() {
		v = reflect.Zero(o.T.rep)
	}
	p.value(o.T.typ, v, 0, true)
}

// printer prints one operand by the rules of fmt.
type printer struct {
	s           fmt.State
	verb        rune
	spec        string
	rt          *Runtime
	sharp, plus bool
}

// specOf writes the directive that a State came from; the plus of %+v is not
// for the parts.
func specOf(s fmt.State, verb rune) string {
	b := "%"
	for _, f := range "+-# 0" {
		if s.Flag(int(f)) && !(f == '+' && verb == 'v') {
			b += string(f)
		}
	}
	if w, ok := s.Width(); ok {
		b += fmt.Sprint(w)
	}
	if p, ok := s.Precision(); ok {
		b += fmt.Sprint(".", p)
	}
	return b + string(verb)
}

// methods prints by a method of the value if it has one that applies.
func (p *printer) methods(o Obj) (done bool) {
	m := o.T.methods
	if f, ok := m["Format"].(func(any, fmt.State, int32)); ok {
		f(o, p.s, p.verb)
		return true
	}
	if p.sharp {
		if f, ok := m["GoString"].(func(any) string); ok {
			defer p.catch(o, "GoString", &done)
			_, _ = io.WriteString(p.s, f(o))
			return true
		}
		return false
	}
	if !strings.ContainsRune("vsxXq", p.verb) {
		return false
	}
	for _, name := range []string{"Error", "String"} {
		if f, ok := m[name].(func(any) string); ok {
			defer p.catch(o, name, &done)
			spec := p.spec
			if p.verb == 'v' {
				spec = strings.Replace(spec, "#", "", 1)
			}
			_, _ = fmt.Fprintf(p.s, spec, f(o))
			return true
		}
	}
	return false
}

// catch prints the panic of a method as fmt does.
func (p *printer) catch(o Obj, name string, done *bool) {
	v := recover()
	if v == nil {
		return
	}
	*done = true
	if r := reflect.ValueOf(o.V); r.Kind() == reflect.Pointer && r.IsNil() {
		_, _ = io.WriteString(p.s, "<nil>")
		return
	}
	_, _ = fmt.Fprintf(p.s, "%%!%c(PANIC=%s method: %v)", p.verb, name, Explain(v))
}

func (p *printer) text(s string) { _, _ = io.WriteString(p.s, s) }

// value prints v, a representation of the type t.
func (p *printer) value(t types.Type, v reflect.Value, depth int, methods bool) {
	if v.Kind() == reflect.Interface && !types.IsInterface(t) { // a hidden field
		if v.IsNil() {
			p.absent(t)
			return
		}
		v = v.Elem()
	}
	if depth > 0 && methods {
		if T := p.rt.find(t); T != nil && T.boxed && p.methods(Obj{T, v.Interface()}) {
			return
		}
	}
	if n := namedOf(t); n != nil && !ownType(n) && !types.IsInterface(t) {
		if !methods {
			p.bare(v, depth)
			return
		}
		p.compiled(v, depth)
		return
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		p.structure(t, u, v, depth, methods)
	case *types.Map:
		p.mapping(t, u, v, depth, methods)
	case *types.Slice:
		if v.IsNil() && p.sharp {
			p.text(typeString(t) + "(nil)")
			return
		}
		p.list(t, u.Elem(), v, depth, methods)
	case *types.Array:
		p.list(t, u.Elem(), v, depth, methods)
	case *types.Pointer:
		p.pointer(t, u, v, depth, methods)
	case *types.Interface:
		p.iface(t, v, depth)
	case *types.Chan, *types.Signature:
		p.address(t, v)
	default:
		_, _ = fmt.Fprintf(p.s, p.spec, v.Interface())
	}
}

func ownType(n *types.Named) bool { return n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "main" }

// compiled leaves a value of compiled code to fmt, which shows a pointer inside
// another value as its address.
func (p *printer) compiled(v reflect.Value, depth int) {
	if depth > 0 && v.Kind() == reflect.Pointer {
		switch v.Interface().(type) {
		case fmt.Formatter, error, fmt.Stringer:
		default:
			p.hex(v)
			return
		}
	}
	spec := p.spec
	if p.plus {
		spec = "%+" + spec[1:]
	}
	_, _ = fmt.Fprintf(p.s, spec, v.Interface())
}

// bare prints a value of compiled code in a field that is not exported, where
// fmt calls no methods.
func (p *printer) bare(v reflect.Value, depth int) {
	part := func(open string, n int, name func(int) string, at func(int) reflect.Value, end string) {
		p.text(open)
		for i := range n {
			if i > 0 {
				p.separate()
			}
			p.text(name(i))
			p.bare(at(i), depth+1)
		}
		p.text(end)
	}
	none := func(int) string { return "" }
	switch v.Kind() {
	case reflect.Struct:
		name := func(i int) string {
			if p.plus || p.sharp {
				return v.Type().Field(i).Name + ":"
			}
			return ""
		}
		part(p.sharpType(v)+"{", v.NumField(), name, v.Field, "}")
	case reflect.Slice, reflect.Array:
		if p.sharp {
			part(p.sharpType(v)+"{", v.Len(), none, v.Index, "}")
			return
		}
		part("[", v.Len(), none, v.Index, "]")
	case reflect.Interface:
		if v.IsNil() {
			p.text("<nil>")
			return
		}
		p.bare(v.Elem(), depth)
	case reflect.Pointer, reflect.Func, reflect.Chan:
		p.hex(v)
	case reflect.Map:
		panic(unsupported("printing a " + v.Type().String() + " in a field that is not exported"))
	default:
		_, _ = fmt.Fprintf(p.s, p.spec, plainBasic(v))
	}
}

func (p *printer) sharpType(v reflect.Value) string {
	if p.sharp {
		return v.Type().String()
	}
	return ""
}

// plainBasic is a value of a basic kind without the methods of its type.
func plainBasic(v reflect.Value) any {
	switch {
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return v.Uint()
	case v.Kind() == reflect.Float32:
		return float32(v.Float())
	case v.CanFloat():
		return v.Float()
	case v.CanComplex():
		return v.Complex()
	case v.Kind() == reflect.Bool:
		return v.Bool()
	}
	return v.String()
}

func (p *printer) structure(t types.Type, u *types.Struct, v reflect.Value, depth int, methods bool) {
	if p.sharp {
		p.text(typeString(t))
	}
	p.text("{")
	for i := range u.NumFields() {
		if i > 0 {
			p.separate()
		}
		f := u.Field(i)
		if p.plus || p.sharp {
			p.text(f.Name() + ":")
		}
		p.value(f.Type(), v.Field(i), depth+1, methods && f.Exported())
	}
	p.text("}")
}

func (p *printer) separate() {
	if p.sharp {
		p.text(", ")
		return
	}
	p.text(" ")
}

func (p *printer) mapping(t types.Type, u *types.Map, v reflect.Value, depth int, methods bool) {
	open, end := "map[", "]"
	if p.sharp {
		if v.IsNil() {
			p.text(typeString(t) + "(nil)")
			return
		}
		open, end = typeString(t)+"{", "}"
	}
	p.text(open)
	keys := v.MapKeys()
	sort.SliceStable(keys, func(i, j int) bool { return order(keys[i], keys[j]) < 0 })
	for i, k := range keys {
		if i > 0 {
			p.separate()
		}
		p.value(u.Key(), k, depth+1, methods)
		p.text(":")
		p.value(u.Elem(), v.MapIndex(k), depth+1, methods)
	}
	p.text(end)
}

func (p *printer) list(t, elem types.Type, v reflect.Value, depth int, methods bool) {
	if b, ok := elem.Underlying().(*types.Basic); ok && b.Kind() == types.Uint8 && strings.ContainsRune("sqxX", p.verb) {
		_, _ = fmt.Fprintf(p.s, p.spec, v.Interface())
		return
	}
	open, end := "[", "]"
	if p.sharp {
		open, end = typeString(t)+"{", "}"
	}
	p.text(open)
	for i := range v.Len() {
		if i > 0 {
			p.separate()
		}
		p.value(elem, v.Index(i), depth+1, methods)
	}
	p.text(end)
}

func (p *printer) pointer(t types.Type, u *types.Pointer, v reflect.Value, depth int, methods bool) {
	if depth == 0 && !v.IsNil() {
		switch u.Elem().Underlying().(type) {
		case *types.Struct, *types.Array, *types.Slice, *types.Map:
			p.text("&")
			p.value(u.Elem(), v.Elem(), depth+1, methods)
			return
		}
	}
	p.address(t, v)
}

// address prints a pointer, a channel or a function.
func (p *printer) address(t types.Type, v reflect.Value) {
	switch {
	case p.sharp:
		p.text("(" + typeString(t) + ")(")
		if v.IsNil() {
			p.text("nil")
		} else {
			p.text(fmt.Sprintf("%#x", v.Pointer()))
		}
		p.text(")")
	case p.verb != 'v' && v.Kind() == reflect.Func && v.IsNil(), p.verb != 'v' && p.verb != 'p':
		p.text(fmt.Sprintf("%%!%c(%s=%#x)", p.verb, typeString(t), v.Pointer()))
	default:
		p.hex(v)
	}
}

// absent prints the nil of a type.
func (p *printer) absent(t types.Type) {
	switch t.Underlying().(type) {
	case *types.Slice, *types.Map:
		switch _, isMap := t.Underlying().(*types.Map); {
		case p.sharp:
			p.text(typeString(t) + "(nil)")
		case isMap:
			p.text("map[]")
		default:
			p.text("[]")
		}
	default:
		if p.sharp {
			p.text("(" + typeString(t) + ")(nil)")
			return
		}
		p.text("<nil>")
	}
}

func (p *printer) hex(v reflect.Value) {
	if v.IsNil() {
		p.text(fmt.Sprintf(strings.TrimSuffix(strings.Replace(p.spec, "#", "", 1), string(p.verb))+"v", nil))
		return
	}
	p.text(fmt.Sprintf("%#x", v.Pointer()))
}

func (p *printer) iface(t types.Type, v reflect.Value, depth int) {
	if v.Kind() == reflect.Interface && v.IsNil() || !v.IsValid() {
		if p.sharp {
			p.text(typeString(t) + "(nil)")
			return
		}
		p.text("<nil>")
		return
	}
	if o, ok := object(v.Interface()); ok {
		if !p.methods(o) {
			p.value(o.T.typ, reflect.ValueOf(o.V), depth+1, false)
		}
		return
	}
	p.compiled(v.Elem(), depth+1)
}
