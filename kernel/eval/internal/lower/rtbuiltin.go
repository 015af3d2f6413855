package lower

import (
	"fmt"
	"math"
	"os"
	"reflect"
	"sort"
	"strconv"
)

// MapIter walks a map as a range statement does.
type MapIter struct{ it *reflect.MapIter }

func mapRange(m any) *MapIter { return &MapIter{reflect.ValueOf(m).MapRange()} }

// Next goes to the next entry.
func (m *MapIter) Next() bool { return m.it.Next() }

// Key sets *p to the entry's key.
func (m *MapIter) Key(p any) { reflect.ValueOf(p).Elem().Set(m.it.Key()) }

// Value sets *p to the entry's value.
func (m *MapIter) Value(p any) { reflect.ValueOf(p).Elem().Set(m.it.Value()) }

func printBuiltin(args ...any) {
	for _, a := range args {
		fmt.Fprint(os.Stderr, builtinText(a))
	}
}

func printlnBuiltin(args ...any) {
	for i, a := range args {
		if i > 0 {
			fmt.Fprint(os.Stderr, " ")
		}
		fmt.Fprint(os.Stderr, builtinText(a))
	}
	fmt.Fprintln(os.Stderr)
}

// builtinText is a value as print and println write it.
func builtinText(v any) string {
	switch v := v.(type) {
	case float64:
		return printFloat(v, 64)
	case float32:
		return printFloat(float64(v), 32)
	case complex128:
		return printComplex(v, 64)
	case complex64:
		return printComplex(complex128(v), 32)
	case bool, string, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, uintptr:
		return fmt.Sprint(v)
	case nil:
		return "(0x0,0x0)"
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Slice:
		return fmt.Sprintf("[%d/%d]%#x", r.Len(), r.Cap(), r.Pointer())
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func:
		return fmt.Sprintf("%#x", r.Pointer())
	}
	return "(" + fmt.Sprintf("%p", &v) + "," + fmt.Sprintf("%p", &v) + ")"
}

func printComplex(c complex128, bits int) string {
	im := printFloat(imag(c), bits)
	if im[0] != '-' && im[0] != '+' {
		im = "+" + im
	}
	return "(" + printFloat(real(c), bits) + im + "i)"
}

func printFloat(f float64, bits int) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "+Inf"
	case math.IsInf(f, -1):
		return "-Inf"
	}
	return strconv.FormatFloat(f, 'g', -1, bits)
}

// sortBasic sorts a slice of a basic type as slices.Sort does.
func sortBasic(s any) {
	switch s := s.(type) {
	case []int:
		sort.Ints(s)
	case []float64:
		sort.Float64s(s)
	case []string:
		sort.Strings(s)
	}
}
