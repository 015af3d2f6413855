package search

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/govidur/govidur/vidur/spec"
)

// Results are the rows of a sweep, in the order of its grid, and the same as
// named columns: the coordinates, the error and the figures.
type Results struct {
	axes    []axis
	figures []figure
	rows    []Row
	spill   *spill // has the rows, if it is there
	about   About
	read    bool // from a file, about included
}

// errorColumn is the name of the column of errors.
const errorColumn = "error"

// Len is the number of rows.
func (r *Results) Len() int {
	if r.spill != nil {
		return len(r.spill.at)
	}
	return len(r.rows)
}

// Rows returns the rows. They must not be changed. A row that [Spill] has put
// into a file and that cannot be read again has that as its error.
func (r *Results) Rows() []Row { return r.held().rows }

// Part is the rows from one up to another, the latter not included, as Results of
// their own, for one that goes through more rows than are to be in memory. An
// error is that of reading rows that [Spill] has put into a file.
func (r *Results) Part(from, to int) (*Results, error) {
	if from < 0 || to < from || to > r.Len() {
		return nil, fmt.Errorf("search: rows %d to %d of %d", from, to, r.Len())
	}
	part := *r
	if part.spill = nil; r.spill == nil {
		part.rows = r.rows[from:to:to]
		return &part, nil
	}
	part.rows = make([]Row, to-from)
	for i := range part.rows {
		var err error
		if part.rows[i], err = r.spill.get(from + i); err != nil {
			return nil, err
		}
	}
	return &part, nil
}

// held is the same with all rows in memory.
func (r *Results) held() *Results {
	if r.spill == nil {
		return r
	}
	all := *r
	all.spill, all.rows = nil, make([]Row, r.Len())
	for i := range all.rows {
		row, err := r.spill.get(i)
		if err != nil {
			row.Err, row.Figures = &PointError{row.Point, err}, none(len(r.figures))
		}
		all.rows[i] = row
	}
	return &all
}

// partRows is how many rows are in memory at once where all are gone through.
const partRows = 1 << 10

// FigureNames are the names of [Row.Figures]: those of the package, then those
// of the options [Column].
func (r *Results) FigureNames() []string {
	var names []string
	for _, f := range r.figures {
		names = append(names, f.name)
	}
	return names
}

// Names are the names of all columns, in order: the axes, "error", the figures.
func (r *Results) Names() []string {
	var names []string
	for _, a := range r.axes {
		names = append(names, a.names...)
	}
	return append(append(names, errorColumn), r.FigureNames()...)
}

// Column returns the values of a column, one per row: a []string, []int,
// []float64 or []bool for an axis, a []string for "error", empty where there is
// none, and a []float64 for a figure, NaN where there is none. A name that
// there is not is an error.
func (r *Results) Column(name string) (any, error) {
	if r.spill == nil || r.Len() == 0 {
		return r.column(name)
	}
	var all reflect.Value
	for from := 0; from < r.Len(); from += partRows {
		part, err := r.Part(from, min(from+partRows, r.Len()))
		if err != nil {
			return nil, err
		}
		values, err := part.column(name)
		if err != nil {
			return nil, err
		}
		if v := reflect.ValueOf(values); from == 0 {
			all = v
		} else {
			all = reflect.AppendSlice(all, v)
		}
	}
	return all.Interface(), nil
}

func (r *Results) column(name string) (any, error) {
	at := slices.Index(r.Names(), name)
	if at < 0 {
		return nil, fmt.Errorf("search: %w", spec.Unknown("column", name, r.Names()))
	}
	switch errorAt := slices.Index(r.Names(), errorColumn); {
	case at == errorAt:
		return gather(r.rows, func(row *Row) string { return row.text() }), nil
	case at > errorAt:
		return gather(r.rows, func(row *Row) float64 { return row.Figures[at-errorAt-1] }), nil
	}
	if len(r.rows) == 0 {
		return []string{}, nil
	}
	switch r.rows[0].Point[at].Value.(type) {
	case int:
		return gather(r.rows, func(row *Row) int { return row.Point[at].Value.(int) }), nil
	case float64:
		return gather(r.rows, func(row *Row) float64 { return row.Point[at].Value.(float64) }), nil
	case bool:
		return gather(r.rows, func(row *Row) bool { return row.Point[at].Value.(bool) }), nil
	}
	return gather(r.rows, func(row *Row) string { return row.Point[at].Value.(string) }), nil
}

func gather[R, T any](rows []R, of func(*R) T) []T {
	values := make([]T, len(rows))
	for i := range rows {
		values[i] = of(&rows[i])
	}
	return values
}

// text is the run's error without its place, which the other columns say.
func (row *Row) text() string {
	var at *PointError
	switch {
	case errors.As(row.Err, &at):
		return at.Err.Error()
	case row.Err != nil:
		return row.Err.Error()
	}
	return ""
}

// Floats returns a column of numbers, whole ones converted.
func (r *Results) Floats(name string) ([]float64, error) {
	column, err := r.Column(name)
	if err != nil {
		return nil, err
	}
	switch values := column.(type) {
	case []float64:
		return values, nil
	case []int:
		floats := make([]float64, len(values))
		for i, v := range values {
			floats[i] = float64(v)
		}
		return floats, nil
	}
	return nil, fmt.Errorf("search: column %q has %T, no numbers", name, column)
}

// Err joins the errors of all rows, each a *PointError; nil if every run went
// well.
func (r *Results) Err() error {
	var all []error
	for _, row := range r.held().rows {
		all = append(all, row.Err)
	}
	return errors.Join(all...)
}
