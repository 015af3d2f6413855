package nb

import (
	"fmt"
	"math"
	"reflect"
)

// each is a cell of every row that there is.
func each(rows []reflect.Value, cell func(reflect.Value) reflect.Value) []reflect.Value {
	cells := make([]reflect.Value, len(rows))
	for i, r := range rows {
		if r.IsValid() {
			cells[i] = cell(r)
		}
	}
	return cells
}

// pointed is what a pointer or an interface holds; not valid if that is nil.
func pointed(v reflect.Value) reflect.Value {
	for range mostDepth { // a pointer may point to itself
		if !v.IsValid() || v.Kind() != reflect.Pointer && v.Kind() != reflect.Interface {
			return v
		}
		v = v.Elem()
	}
	return reflect.Value{}
}

// speaks reports whether values of a type say how they print.
func speaks(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[fmt.Stringer]()) || t.Implements(reflect.TypeFor[error]()) ||
		t.Implements(reflect.TypeFor[fmt.Formatter]())
}

// column is cells as a slice that a frame takes: numbers if all are, bools if
// all are, else text.
func column(cells []reflect.Value) any {
	kind := reflect.Invalid
	for i, c := range cells {
		k := cellKind(c)
		switch {
		case i == 0 || k == kind:
			kind = k
		case numeric(k) && numeric(kind):
			kind = reflect.Float64
		default:
			kind = reflect.String
		}
	}
	switch kind {
	case reflect.Bool:
		return convert(cells, func(c reflect.Value) bool { return c.Bool() })
	case reflect.Int:
		return convert(cells, func(c reflect.Value) int { return int(integer(c)) })
	case reflect.Float64:
		return convert(cells, number)
	}
	return convert(cells, cellText)
}

func numeric(k reflect.Kind) bool { return k == reflect.Int || k == reflect.Float64 }

// cellKind is Bool, Int, Float64 or else String.
func cellKind(c reflect.Value) reflect.Kind {
	if c = inner(c); !c.IsValid() || speaks(c.Type()) {
		return reflect.String
	}
	switch {
	case c.Kind() == reflect.Bool:
		return reflect.Bool
	case c.CanInt(), c.CanUint() && c.Uint() <= math.MaxInt64:
		return reflect.Int
	case c.CanFloat():
		return reflect.Float64
	}
	return reflect.String
}

func integer(c reflect.Value) int64 {
	if c.CanUint() {
		return int64(c.Uint())
	}
	return c.Int()
}

func number(c reflect.Value) float64 {
	if c.CanFloat() {
		return c.Float()
	}
	return float64(integer(c))
}

// inner is what an interface holds.
func inner(c reflect.Value) reflect.Value {
	if c.IsValid() && c.Kind() == reflect.Interface {
		return c.Elem()
	}
	return c
}

// mostCell is how many bytes of text a cell has.
const mostCell = 2000

func cellText(c reflect.Value) string {
	if c = inner(c); !c.IsValid() {
		return ""
	}
	return shortened(printed(c, true), mostCell)
}

func convert[T any](cells []reflect.Value, f func(reflect.Value) T) []T {
	out := make([]T, len(cells))
	for i, c := range cells {
		out[i] = f(inner(c))
	}
	return out
}
