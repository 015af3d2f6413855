package nb

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// plain is a value as %+v prints it, with two differences. There are no
// addresses, so that it is the same each time: what a pointer points to is
// printed instead. And it is the same whether a program is compiled or
// interpreted: the F_ that our interpreter writes before the names of unexported
// fields is taken away. What is too long or too deep, or contains itself, ends in
// an ellipsis.
func plain(v any) string { return printed(reflect.ValueOf(v), true) }

// printed is a value as plain prints it, with its methods or without.
func printed(v reflect.Value, methods bool) string {
	var p printer
	p.value(v, 0, methods)
	return p.String()
}

type printer struct {
	strings.Builder
	printed int   // values so far
	within  []any // places of the values that are being printed
}

const (
	mostDepth    = 12
	mostElements = 1000     // of a slice, array or map
	mostValues   = 20000    // in all
	mostText     = 64 << 10 // bytes in all, and of a string inside of a value
)

// value prints v. Methods of values in unexported fields are not called.
func (p *printer) value(v reflect.Value, depth int, methods bool) {
	p.printed++
	v = inner(v)
	switch {
	case !v.IsValid():
		p.WriteString("<nil>")
		return
	case depth > mostDepth || p.printed > mostValues || p.Len() > mostText || !p.enter(v):
		p.WriteString("…")
		return
	}
	defer p.leave(v)
	if v.CanInterface() {
		if x, ok := v.Interface().(Interpreted); ok && !(methods && x.Speaks()) {
			p.interpreted(x, depth, methods)
			return
		}
		if methods && formats(v) {
			fmt.Fprintf(p, "%+v", v.Interface())
			return
		}
	}
	switch v.Kind() {
	case reflect.Struct:
		p.structure(v, depth, methods)
	case reflect.Map:
		p.mapping(v, depth, methods)
	case reflect.Slice, reflect.Array:
		p.list(v, v.Len(), depth, methods)
	case reflect.Pointer:
		if v.IsNil() {
			p.WriteString("<nil>")
			return
		}
		p.WriteByte('&')
		p.value(v.Elem(), depth+1, methods)
	default:
		p.scalar(v, depth)
	}
}

// interpreted prints a value that has no methods for that.
func (p *printer) interpreted(x Interpreted, depth int, methods bool) {
	view, n := x.View(mostElements)
	v := reflect.ValueOf(view)
	if v.IsValid() && v.Kind() == reflect.Slice {
		p.list(v, n, depth, methods)
		return
	}
	p.value(v, depth, methods)
}

// enter notes that a value is being printed, and reports whether it was not yet.
func (p *printer) enter(v reflect.Value) bool {
	id := placeOf(v)
	if id == nil {
		return true
	}
	if slices.Contains(p.within, id) {
		return false
	}
	p.within = append(p.within, id)
	return true
}

func (p *printer) leave(v reflect.Value) {
	if placeOf(v) != nil {
		p.within = p.within[:len(p.within)-1]
	}
}

// place is where a value is that can contain itself.
type place struct {
	kind reflect.Type
	at   uintptr
	n    int
}

// placeOf tells a value that can contain itself from others; nil of the rest.
func placeOf(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer, reflect.Map:
		return place{v.Type(), v.Pointer(), 0}
	case reflect.Slice:
		return place{v.Type(), v.Pointer(), v.Len()}
	case reflect.Struct:
		if v.CanInterface() && v.Comparable() {
			if x, ok := v.Interface().(Interpreted); ok {
				return x
			}
		}
	}
	return nil
}

// formats reports whether fmt would call a method of v.
func formats(v reflect.Value) bool {
	switch v.Interface().(type) {
	case error, fmt.Stringer, fmt.Formatter:
		return v.Kind() != reflect.Pointer || !v.IsNil()
	}
	return false
}

func (p *printer) scalar(v reflect.Value, depth int) {
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
	case v.Kind() == reflect.String && depth > 0:
		p.WriteString(shortened(v.String(), mostText))
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

// list prints the n elements of a slice or array, of which v has some.
func (p *printer) list(v reflect.Value, n, depth int, methods bool) {
	p.WriteByte('[')
	p.sequence(n, func(i int) { p.value(v.Index(i), depth+1, methods) })
	p.WriteByte(']')
}

// shortened is a text of at most some bytes.
func shortened(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "…"
}

func (p *printer) mapping(v reflect.Value, depth int, methods bool) {
	keys := sortedKeys(v, mostElements, 0)
	p.WriteString("map[")
	p.sequence(v.Len(), func(i int) {
		p.value(keys[i], depth+1, methods)
		p.WriteByte(':')
		p.value(v.MapIndex(keys[i]), depth+1, methods)
	})
	p.WriteByte(']')
}

// sequence prints n elements, or the first of them and how many there are more.
func (p *printer) sequence(n int, element func(i int)) {
	i := 0
	for ; i < min(n, mostElements) && (i == 0 || p.Len() <= mostText && p.printed <= mostValues); i++ {
		if i > 0 {
			p.WriteByte(' ')
		}
		element(i)
	}
	if i < n {
		fmt.Fprintf(p, " … %d more", n-i)
	}
}
