package lower

import (
	"go/types"
	"reflect"
	"runtime"
	"strings"
)

// equal is a == b of interface values.
func equal(a, b any) bool {
	defer blame("comparing uncomparable type ", a)
	return normal(a) == normal(b)
}

// key is an interface value as the key of a map.
func key(v any) any {
	if o, ok := object(v); ok {
		if t := uncomparable(o); t != "" {
			panic(runtimeError("hash of unhashable type " + t))
		}
	}
	return v
}

// blame says in a panic of the language which type of the program is meant, as
// what is compared is a representation.
func blame(what string, v any) {
	r := recover()
	if r == nil {
		return
	}
	if e, ok := r.(runtime.Error); ok && strings.Contains(e.Error(), what) {
		if o, ok := object(v); ok {
			if t := uncomparable(o); t != "" {
				r = runtimeError(what + t)
			}
		}
	}
	panic(r)
}

// uncomparable is the type that keeps a value from being compared, its own or
// that of an interface value in it, or "".
func uncomparable(o Obj) string {
	if !types.Comparable(o.T.typ) {
		return o.T.String()
	}
	if _, ok := o.T.typ.Underlying().(*types.Basic); ok {
		return ""
	}
	return uncomparableIn(reflect.ValueOf(o.V))
}

func uncomparableIn(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if t := uncomparableIn(v.Field(i)); t != "" {
				return t
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			if t := uncomparableIn(v.Index(i)); t != "" {
				return t
			}
		}
	case reflect.Interface:
		if v.IsNil() || !v.CanInterface() {
			return ""
		}
		if o, ok := object(v.Interface()); ok {
			return uncomparable(o)
		}
		if !v.Elem().Comparable() {
			return v.Elem().Type().String()
		}
	}
	return ""
}
