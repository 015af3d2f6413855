package nb

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/govidur/govidur/vidur/frames"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/search"
)

// tables adds the forms of data frames and of what is shown as one.
func (b Bundle) tables(v any) {
	if !b.frame(v) {
		if t, ok := tableOf(v); ok {
			b.frame(t)
		}
	}
}

// frame adds the forms of a data frame and reports whether v is one.
func (b Bundle) frame(v any) bool {
	v = asFrame(v)
	html, ok := apply(v, frames.HTML)
	if ok {
		b[typeHTML] = html
		b[typeMarkdown], _ = apply(v, frames.Markdown)
	}
	return ok
}

// frameText is the text of a data frame.
func frameText(v any) (string, bool) { return apply(asFrame(v), frames.Text) }

// asFrame is the frame of a sweep, or of the metrics of a run; every other value
// is itself.
func asFrame(v any) any {
	switch r := v.(type) {
	case *search.Results:
		return frames.Sweep(r)
	case *metrics.Store:
		if r != nil {
			return frames.Summary(r.Summary())
		}
	case metrics.Summary:
		return frames.Summary(r)
	}
	return v
}

// apply calls a function of package frames on v, if that is a data frame or a
// pointer to one. The type of frames comes from the function, so that only
// package frames knows where it is from.
func apply[D any](v any, f func(D, ...frames.Limit) string) (string, bool) {
	switch d := v.(type) {
	case D:
		return f(d), true
	case *D:
		if d != nil {
			return f(*d), true
		}
	}
	return "", false
}

// tableText is the text of what tableOf makes a frame of.
func tableText(v any) (string, bool) {
	t, ok := tableOf(v)
	if !ok {
		return "", false
	}
	return frameText(t)
}

// tableOf is the data frame of a slice of structs or maps, or of a map. It is a
// reflection of it: a named type that says how it prints is no table.
func tableOf(v any) (frame any, ok bool) {
	r := reflect.ValueOf(v)
	var t table
	switch {
	case speaks(r.Type()):
		return nil, false
	case r.Kind() == reflect.Map && r.Len() > 0:
		t = ofMap(r)
	case (r.Kind() == reflect.Slice || r.Kind() == reflect.Array) && r.Len() > 0:
		t = ofRows(elements(r), r.Type().Elem())
	}
	if len(t.names) == 0 {
		return nil, false
	}
	df, err := frames.FromColumns(t.names, func(name string) (any, error) {
		return column(t.cells[name]), nil
	})
	if err != nil {
		return nil, false
	}
	return df, true
}

// table is columns of equal length. A cell that is missing is not valid.
type table struct {
	names []string
	cells map[string][]reflect.Value
}

func (t *table) add(name string, cells []reflect.Value) {
	if t.cells == nil {
		t.cells = map[string][]reflect.Value{}
	}
	if _, ok := t.cells[name]; !ok {
		t.names = append(t.names, name)
	}
	t.cells[name] = cells
}

// ofMap is a column of keys, sorted, and the columns of the values.
func ofMap(m reflect.Value) table {
	keys := sortedKeys(m)
	values := make([]reflect.Value, len(keys))
	for i, k := range keys {
		values[i] = m.MapIndex(k)
	}
	rows := ofRows(slices.Clone(values), m.Type().Elem())
	var t table
	t.add("key", keys)
	for _, name := range rows.names {
		t.add(name, rows.cells[name])
	}
	if len(rows.names) == 0 {
		t.add("value", values)
	}
	return t
}

// ofRows has a column for each field of structs, or for each key of maps, in
// sorted order. It is empty for rows of other types.
func ofRows(rows []reflect.Value, row reflect.Type) table {
	var t table
	if speaks(row) {
		return t
	}
	if row.Kind() == reflect.Pointer {
		row = row.Elem()
	}
	for i := range rows {
		rows[i] = pointed(rows[i])
	}
	switch {
	case row.Kind() == reflect.Struct:
		for i := range row.NumField() {
			if f := row.Field(i); !hidden(f) {
				t.add(f.Name, each(rows, func(r reflect.Value) reflect.Value { return r.Field(i) }))
			}
		}
	case row.Kind() == reflect.Map && row.Key().Kind() == reflect.String:
		keys := map[string]bool{}
		for _, r := range rows {
			if r.IsValid() {
				for _, k := range r.MapKeys() {
					keys[k.String()] = true
				}
			}
		}
		for _, name := range slices.Sorted(maps.Keys(keys)) {
			k := reflect.ValueOf(name).Convert(row.Key())
			t.add(name, each(rows, func(r reflect.Value) reflect.Value { return r.MapIndex(k) }))
		}
	}
	return t
}

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

func elements(list reflect.Value) []reflect.Value {
	rows := make([]reflect.Value, list.Len())
	for i := range rows {
		rows[i] = list.Index(i)
	}
	return rows
}

// pointed is what a pointer or an interface holds; not valid if that is nil.
func pointed(v reflect.Value) reflect.Value {
	for v.IsValid() && (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) {
		v = v.Elem()
	}
	return v
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
		return convert(cells, func(c reflect.Value) int { return int(c.Int()) })
	case reflect.Float64:
		return convert(cells, func(c reflect.Value) float64 { return number(c) })
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
	case c.CanInt():
		return reflect.Int
	case c.CanFloat():
		return reflect.Float64
	}
	return reflect.String
}

func number(c reflect.Value) float64 {
	if c = inner(c); c.CanInt() {
		return float64(c.Int())
	}
	return c.Float()
}

// inner is what an interface holds.
func inner(c reflect.Value) reflect.Value {
	if c.IsValid() && c.Kind() == reflect.Interface {
		return c.Elem()
	}
	return c
}

func cellText(c reflect.Value) string {
	if c = inner(c); !c.IsValid() {
		return ""
	}
	var p printer
	p.value(c, 0, true)
	return p.String()
}

func convert[T any](cells []reflect.Value, f func(reflect.Value) T) []T {
	out := make([]T, len(cells))
	for i, c := range cells {
		out[i] = f(inner(c))
	}
	return out
}
