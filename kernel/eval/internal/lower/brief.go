package lower

import (
	"fmt"
	"go/types"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	briefItems = 6  // of a slice, an array or a map
	briefDepth = 3  // levels of values in each other
	briefText  = 40 // runes of a string
)

// Variable is the name that the interpreter has for a variable of package level;
// ok is false if there is none.
func (l *Lowerer) Variable(o types.Object) (name string, ok bool) {
	name, ok = l.names[o]
	return name, ok
}

// Brief is a value of type t in few words, at most limit runes. The work does not
// grow with the value, and no method of it is called but String of a number.
func (r *Runtime) Brief(t types.Type, v reflect.Value, limit int) string {
	b := brief{left: limit}
	b.value(t, v, 0)
	return b.String()
}

// brief writes until it has written enough.
type brief struct {
	strings.Builder
	left int // runes
	full bool
}

func (b *brief) write(s string) {
	n := utf8.RuneCountInString(s)
	switch {
	case b.full:
	case n < b.left:
		b.WriteString(s)
		b.left -= n
	default:
		b.WriteString(string([]rune(s)[:max(b.left-1, 0)]) + "…")
		b.full = true
	}
}

// value writes a value. The type is nil where only the host knows it.
func (b *brief) value(t types.Type, v reflect.Value, depth int) {
	switch {
	case b.full:
	case !v.IsValid():
		b.write("nil")
	case v.Kind() == reflect.Interface || v.Type() == reflect.TypeFor[Obj]() || v.Type() == reflect.TypeFor[Err]():
		b.inside(v, depth)
	case depth > briefDepth:
		b.write("…")
	default:
		b.plain(t, v, depth)
	}
}

// inside writes what an interface holds.
func (b *brief) inside(v reflect.Value, depth int) {
	if v.Kind() == reflect.Interface && v.IsNil() {
		b.write("nil")
		return
	}
	if v.CanInterface() {
		if o, ok := object(v.Interface()); ok {
			b.value(o.T.typ, reflect.ValueOf(o.V), depth)
			return
		}
	}
	if v.Kind() == reflect.Interface {
		b.value(nil, v.Elem(), depth)
		return
	}
	b.write("…")
}

func (b *brief) plain(t types.Type, v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.String:
		b.text(v.String())
	case reflect.Slice, reflect.Array:
		b.list(t, v, depth)
	case reflect.Map:
		b.table(t, v, depth)
	case reflect.Struct:
		b.fields(t, v, depth)
	case reflect.Pointer:
		b.pointed(t, v, depth)
	case reflect.Func, reflect.UnsafePointer:
		b.write(map[bool]string{true: "nil", false: v.Kind().String()}[v.IsNil()])
	case reflect.Chan:
		if v.IsNil() {
			b.write("nil")
			return
		}
		b.write(fmt.Sprintf("%d of %d", v.Len(), v.Cap()))
	default:
		b.number(v)
	}
}

// number writes a number or a bool; one that has a String, as a Duration, by that.
func (b *brief) number(v reflect.Value) {
	if v.CanInterface() {
		b.write(fmt.Sprint(v.Interface()))
		return
	}
	b.write(fmt.Sprint(v)) // fmt looks into hidden fields
}

func (b *brief) text(s string) {
	short := s
	if len(short) > 4*briefText {
		short = short[:4*briefText]
	}
	if runes := []rune(short); len(runes) > briefText || len(short) < len(s) {
		b.write(strconv.Quote(string(runes[:min(len(runes), briefText)])) + "…")
		return
	}
	b.write(strconv.Quote(s))
}

// list writes the first elements, and how many there are if those are not all.
func (b *brief) list(t types.Type, v reflect.Value, depth int) {
	if v.Kind() == reflect.Slice && v.IsNil() {
		b.write("nil")
		return
	}
	if v.Len() > briefItems {
		b.write(fmt.Sprintf("%d: ", v.Len()))
	}
	var elem types.Type
	if u, ok := underlying(t).(interface{ Elem() types.Type }); ok {
		elem = u.Elem()
	}
	b.write("[")
	for i := range min(v.Len(), briefItems) {
		if i > 0 {
			b.write(" ")
		}
		b.value(elem, v.Index(i), depth+1)
	}
	if v.Len() > briefItems {
		b.write(" …")
	}
	b.write("]")
}

// table writes how many elements a map has, and the one of a map that has one: the
// order of more is not fixed, and to sort them would take them all.
func (b *brief) table(t types.Type, v reflect.Value, depth int) {
	switch {
	case v.IsNil():
		b.write("nil")
	case v.Len() != 1:
		b.write(fmt.Sprintf("%d entries", v.Len()))
	default:
		var key, elem types.Type
		if m, ok := underlying(t).(*types.Map); ok {
			key, elem = m.Key(), m.Elem()
		}
		it := v.MapRange()
		it.Next()
		b.write("[")
		b.value(key, it.Key(), depth+1)
		b.write(":")
		b.value(elem, it.Value(), depth+1)
		b.write("]")
	}
}

func (b *brief) fields(t types.Type, v reflect.Value, depth int) {
	s, _ := underlying(t).(*types.Struct)
	b.write("{")
	for i := range v.NumField() {
		if b.full {
			return
		}
		name, ft := v.Type().Field(i).Name, types.Type(nil)
		if s != nil && s.NumFields() == v.NumField() {
			name, ft = s.Field(i).Name(), s.Field(i).Type()
		}
		if i > 0 {
			b.write(" ")
		}
		b.write(name + ":")
		b.value(ft, v.Field(i), depth+1)
	}
	b.write("}")
}

func (b *brief) pointed(t types.Type, v reflect.Value, depth int) {
	if v.IsNil() {
		b.write("nil")
		return
	}
	var elem types.Type
	if p, ok := underlying(t).(*types.Pointer); ok {
		elem = p.Elem()
	}
	b.write("&")
	b.value(elem, v.Elem(), depth+1)
}

// underlying is the underlying type, or nil.
func underlying(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	return t.Underlying()
}
