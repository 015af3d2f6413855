package lower

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
)

// order is the order in which fmt prints the keys of a map.
func order(a, b reflect.Value) int {
	switch {
	case a.Kind() == reflect.Interface:
		if a.IsNil() || b.IsNil() {
			return cmp.Compare(btoi(b.IsNil()), btoi(a.IsNil()))
		}
		x, y := reflect.ValueOf(unwrap(a.Interface())), reflect.ValueOf(unwrap(b.Interface()))
		if x.Kind() != y.Kind() {
			return cmp.Compare(x.Kind(), y.Kind())
		}
		return order(x, y)
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	case a.CanFloat():
		return cmp.Compare(a.Float(), b.Float())
	case a.Kind() == reflect.String:
		return cmp.Compare(a.String(), b.String())
	case a.Kind() == reflect.Bool:
		return cmp.Compare(btoi(a.Bool()), btoi(b.Bool()))
	case a.Kind() == reflect.Pointer, a.Kind() == reflect.Chan:
		return cmp.Compare(a.Pointer(), b.Pointer())
	}
	return orderParts(a, b)
}

func orderParts(a, b reflect.Value) int {
	n, part := 0, func(v reflect.Value, i int) reflect.Value { return v.Field(i) }
	switch a.Kind() {
	case reflect.Struct:
		n = a.NumField()
	case reflect.Array:
		n, part = a.Len(), func(v reflect.Value, i int) reflect.Value { return v.Index(i) }
	}
	for i := range n {
		if c := order(part(a, i), part(b, i)); c != 0 {
			return c
		}
	}
	return 0
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// sprintf is fmt.Sprintf with %T for interpreted values.
func sprintf(format string, args []any) string {
	format, args = typesAsText(format, args)
	return fmt.Sprintf(format, args...)
}

func errorf(format string, args []any) error {
	format, args = typesAsText(format, args)
	return fmt.Errorf(format, args...)
}

// typesAsText replaces %T of an interpreted value by %s of its type's name.
// Directives that choose their operand by number are left alone.
func typesAsText(format string, args []any) (string, []any) {
	out := append([]any(nil), args...)
	b := []byte(format)
	n := 0
	for i := 0; i < len(b); i++ {
		if b[i] != '%' {
			continue
		}
		for i++; i < len(b) && strings.IndexByte("+-# 0123456789.*[]", b[i]) >= 0; i++ {
			if b[i] == '*' {
				n++
			}
			if b[i] == '[' {
				return format, args
			}
		}
		if i >= len(b) || b[i] == '%' {
			continue
		}
		if n < len(out) && (b[i] == 'T' || b[i] == 'p') {
			if o, ok := object(out[n]); ok {
				if b[i] == 'T' {
					out[n], b[i] = o.T.String(), 's'
				} else {
					out[n] = o.V
				}
			}
		}
		n++
	}
	return string(b), out
}
