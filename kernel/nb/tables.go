package nb

import (
	"fmt"
	"html"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"github.com/govidur/govidur/vidur/frames"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/search"
)

const (
	headRows    = 2000 // of a table, at its beginning: as many as pages show
	tailRows    = 10   // at its end
	mostColumns = 500  // of what is shown as a table
)

// tables adds the forms of data frames and of what is shown as one.
func (s *speaker) tables(b Bundle) {
	if c, ok := s.v.(*search.Comparison); ok && c != nil {
		b.frame(differences(c))
		if page, ok := b[typeHTML].(string); ok {
			b[typeHTML] = page + "<p>" + html.EscapeString(c.Verdict()) + "</p>\n"
		}
		return
	}
	if b.frame(s.v) {
		return
	}
	if df, limit := s.frame(); df != nil {
		b.frame(df, limit)
	}
}

// frame adds the forms of a data frame and reports whether v is one.
func (b Bundle) frame(v any, limit ...frames.Limit) bool {
	v = asFrame(v)
	page, ok := apply(v, frames.HTML, limit)
	if ok {
		b[typeHTML] = page
		b[typeMarkdown], _ = apply(v, frames.Markdown, limit)
	}
	return ok
}

// frameText is the text of a data frame.
func frameText(v any, limit ...frames.Limit) (string, bool) { return apply(v, frames.Text, limit) }

// tabular is the text of the table of a value.
func (s *speaker) tabular() (string, bool) {
	df, limit := s.frame()
	return frameText(df, limit)
}

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
	case *metrics.Summary:
		if r != nil {
			return frames.Summary(*r)
		}
	}
	return v
}

// differences is a comparison with a row per figure.
func differences(c *search.Comparison) any {
	type row struct {
		Figure           string
		A, B, Difference float64
		Low, High        float64
		P                float64
		Rank             float64 `name:"P (rank)"`
	}
	rows := make([]row, len(c.Differences))
	for i, d := range c.Differences {
		rows[i] = row{d.Label, d.MeanA, d.MeanB, d.Mean, d.Low, d.High, d.P, d.RankP}
	}
	df, _ := (&speaker{v: rows}).frame()
	return df
}

// apply calls a function of package frames on v, if that is a data frame or a
// pointer to one. The type of frames comes from the function, so that only
// package frames knows where it is from.
func apply[D any](v any, f func(D, ...frames.Limit) string, limit []frames.Limit) (string, bool) {
	switch d := v.(type) {
	case D:
		return f(d, limit...), true
	case *D:
		if d != nil {
			return f(*d, limit...), true
		}
	}
	return "", false
}

// frame is the data frame of a slice of structs, maps or slices, or of a map, or
// nil. It is a reflection of it: a type that says how it prints is no table.
func (s *speaker) frame() (df any, limit frames.Limit) {
	if !s.tabled {
		s.tabled = true
		if t, ok := tableOf(s.v); ok {
			s.table, s.limit = t.frame(), frames.Limit{Total: t.total, Tail: tailRows}
		}
	}
	return s.table, s.limit
}

// table is columns of equal length, the first and the last rows of a total. A
// cell that is missing is not valid.
type table struct {
	total int
	names []string
	cells map[string][]reflect.Value
}

func tableOf(v any) (t table, ok bool) {
	var total int
	if x, ok := v.(Interpreted); ok {
		if x.Speaks() {
			return table{}, false
		}
		v, total = x.Mirror(headRows, tailRows)
	}
	r := reflect.ValueOf(v)
	switch {
	case !r.IsValid() || speaks(r.Type()):
		return table{}, false
	case r.Kind() == reflect.Map && r.Len() > 0:
		t = ofMap(r)
		total = r.Len()
	case (r.Kind() == reflect.Slice || r.Kind() == reflect.Array) && r.Len() > 0:
		t = ofRows(elements(r), r.Type().Elem())
		total = max(total, r.Len())
	}
	t.total = total
	return t, len(t.names) > 0 && len(t.names) <= mostColumns
}

// frame is the data frame of a table, or nil.
func (t *table) frame() any {
	df, err := frames.FromColumns(t.names, func(name string) (any, error) { return column(t.cells[name]), nil })
	if err != nil {
		return nil
	}
	return df
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
	keys := sortedKeys(m, headRows, tailRows)
	values := make([]reflect.Value, len(keys))
	for i, k := range keys {
		values[i] = m.MapIndex(k)
	}
	rows := ofRows(slices.Clone(values), m.Type().Elem())
	first := "key"
	if _, taken := rows.cells[first]; taken {
		first = "(key)"
	}
	var t table
	t.add(first, keys)
	for _, name := range rows.names {
		t.add(name, rows.cells[name])
	}
	if len(rows.names) == 0 {
		t.add("value", values)
	}
	return t
}

// ofRows has a column for each field of structs, for each key of maps, in sorted
// order, or for each place in lists of plain values. It is empty for rows of
// other types.
func ofRows(rows []reflect.Value, row reflect.Type) (t table) {
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
		t.structs(rows, row)
	case row.Kind() == reflect.Map && row.Key().Kind() == reflect.String:
		t.maps(rows, row)
	case (row.Kind() == reflect.Slice || row.Kind() == reflect.Array) && plainKind(row.Elem()):
		t.lists(rows)
	}
	return t
}

func (t *table) structs(rows []reflect.Value, row reflect.Type) {
	for i := range row.NumField() {
		if f := row.Field(i); !hidden(f) {
			t.add(heading(f), each(rows, func(r reflect.Value) reflect.Value { return r.Field(i) }))
		}
	}
}

// heading is the name of a field and its unit, if its tag has one.
func heading(f reflect.StructField) string {
	name := f.Name
	if n := f.Tag.Get("name"); n != "" {
		name = n
	}
	if unit := f.Tag.Get("unit"); unit != "" {
		return fmt.Sprintf("%s (%s)", name, unit)
	}
	return name
}

func (t *table) maps(rows []reflect.Value, row reflect.Type) {
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

func (t *table) lists(rows []reflect.Value) {
	width := 0
	for _, r := range rows {
		if r.IsValid() {
			width = max(width, r.Len())
		}
	}
	for c := range min(width, mostColumns+1) {
		t.add(strconv.Itoa(c), each(rows, func(r reflect.Value) (cell reflect.Value) {
			if c < r.Len() {
				cell = r.Index(c)
			}
			return cell
		}))
	}
}

// plainKind reports whether values of a type are numbers, but not bytes, texts or
// bools.
func plainKind(t reflect.Type) bool {
	switch k := t.Kind(); k {
	case reflect.Uint8, reflect.Uintptr:
		return false
	default:
		return k >= reflect.Bool && k <= reflect.Float64 || k == reflect.String
	}
}

// elements are the first and the last elements of a list.
func elements(list reflect.Value) []reflect.Value {
	n := list.Len()
	rows := make([]reflect.Value, min(n, headRows+tailRows))
	for i := range rows {
		at := i
		if i >= headRows {
			at = n - len(rows) + i
		}
		rows[i] = list.Index(at)
	}
	return rows
}
