package nb

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// plain is a value as %+v prints it, with two differences. There are no
// addresses, so that it is the same each time: what a pointer points to is
// printed instead. And it is the same whether a program is compiled or
// interpreted: the F_ that our interpreter writes before the names of unexported
// fields is taken away. What is too long or too deep ends in an ellipsis.
func plain(v any) string {
	var p printer
	p.value(reflect.ValueOf(v), 0, true)
	return p.String()
}

type printer struct {
	strings.Builder
	printed int // values so far
}

const (
	mostDepth    = 12
	mostElements = 1000  // of a slice, array or map
	mostValues   = 20000 // in all
)

// value prints v. Methods of values in unexported fields are not called.
func (p *printer) value(v reflect.Value, depth int, methods bool) {
	p.printed++
	switch {
	case !v.IsValid():
		p.WriteString("<nil>")
		return
	case depth > mostDepth || p.printed > mostValues:
		p.WriteString("…")
		return
	case methods && v.CanInterface() && formats(v):
		fmt.Fprintf(p, "%+v", v.Interface())
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		p.structure(v, depth, methods)
	case reflect.Map:
		p.mapping(v, depth, methods)
	case reflect.Slice, reflect.Array:
		p.WriteByte('[')
		p.sequence(v.Len(), func(i int) { p.value(v.Index(i), depth+1, methods) })
		p.WriteByte(']')
	case reflect.Interface:
		p.value(v.Elem(), depth, methods)
	case reflect.Pointer:
		if v.IsNil() {
			p.WriteString("<nil>")
			return
		}
		p.WriteByte('&')
		p.value(v.Elem(), depth+1, methods)
	default:
		p.scalar(v)
	}
}

// formats reports whether fmt would call a method of v.
func formats(v reflect.Value) bool {
	switch v.Interface().(type) {
	case error, fmt.Stringer, fmt.Formatter:
		return v.Kind() != reflect.Pointer || !v.IsNil()
	}
	return false
}

func (p *printer) scalar(v reflect.Value) {
	switch {
	case v.Kind() == reflect.Bool:
		p.WriteString(strconv.FormatBool(v.Bool()))
	case v.CanInt():
		p.WriteString(strconv.FormatInt(v.Int(), 10))
	case v.CanUint():
		p.WriteString(strconv.FormatUint(v.Uint(), 10))
	case v.Kind() == reflect.Float32:
		fmt.Fprint(p, float32(v.Float()))
	case v.Kind() == reflect.Float64:
		fmt.Fprint(p, v.Float())
	case v.Kind() == reflect.Complex64:
		fmt.Fprint(p, complex64(v.Complex()))
	case v.Kind() == reflect.Complex128:
		fmt.Fprint(p, v.Complex())
	case v.Kind() == reflect.String:
		p.WriteString(v.String())
	case v.IsNil(): // a function, a channel
		p.WriteString("<nil>")
	default:
		p.WriteString(v.Kind().String())
	}
}

func (p *printer) structure(v reflect.Value, depth int, methods bool) {
	p.WriteByte('{')
	for i := range v.NumField() {
		if i > 0 {
			p.WriteByte(' ')
		}
		f := v.Type().Field(i)
		name := f.Name
		if f.IsExported() && hidden(f) {
			name = strings.TrimPrefix(name, "F_")
		}
		p.WriteString(name + ":")
		p.value(v.Field(i), depth+1, methods && !hidden(f))
	}
	p.WriteByte('}')
}

func (p *printer) mapping(v reflect.Value, depth int, methods bool) {
	keys := sortedKeys(v)
	p.WriteString("map[")
	p.sequence(len(keys), func(i int) {
		p.value(keys[i], depth+1, methods)
		p.WriteByte(':')
		p.value(v.MapIndex(keys[i]), depth+1, methods)
	})
	p.WriteByte(']')
}

// sequence prints n elements, or the first of them and how many there are more.
func (p *printer) sequence(n int, element func(i int)) {
	for i := range min(n, mostElements) {
		if i > 0 {
			p.WriteByte(' ')
		}
		element(i)
	}
	if n > mostElements {
		fmt.Fprintf(p, " … %d more", n-mostElements)
	}
}

// sortedKeys are the keys of a map: numbers by value, others by how they print.
func sortedKeys(m reflect.Value) []reflect.Value {
	type key struct {
		value, inner reflect.Value
		text         string
	}
	keys := make([]key, 0, m.Len())
	for _, k := range m.MapKeys() {
		keys = append(keys, key{k, inner(k), cellText(k)})
	}
	slices.SortFunc(keys, func(a, b key) int {
		order := cmp.Compare(class(a.inner), class(b.inner))
		switch {
		case order != 0:
		case class(a.inner) == ints:
			order = cmp.Compare(a.inner.Int(), b.inner.Int())
		case class(a.inner) == uints:
			order = cmp.Compare(a.inner.Uint(), b.inner.Uint())
		case class(a.inner) == floats:
			order = cmp.Compare(a.inner.Float(), b.inner.Float())
		}
		return cmp.Or(order, cmp.Compare(a.text, b.text))
	})
	out := make([]reflect.Value, len(keys))
	for i, k := range keys {
		out[i] = k.value
	}
	return out
}

// Classes of keys, in the order in which they are sorted.
const (
	ints = iota
	uints
	floats
	others
)

func class(v reflect.Value) int {
	switch {
	case !v.IsValid():
		return others
	case v.CanInt():
		return ints
	case v.CanUint():
		return uints
	case v.CanFloat():
		return floats
	}
	return others
}
