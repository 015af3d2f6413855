package search

import (
	"fmt"
	"slices"
)

// With is the results with one more figure behind the others: values are those of
// the rows, NaN where there is none. What Front, Best and Transfer choose by can so
// be of any making. A name that there is already, or another number of values than
// of rows, is an error.
func (r *Results) With(name string, values []float64) (*Results, error) {
	r = r.held()
	if slices.Contains(r.Names(), name) {
		return nil, fmt.Errorf("search: there is a column %q already", name)
	}
	if len(values) != len(r.rows) {
		return nil, fmt.Errorf("search: %d values of %q for %d rows", len(values), name, len(r.rows))
	}
	with := *r
	with.figures = append(slices.Clip(r.figures), figure{name: name, label: name})
	with.rows = slices.Clone(r.rows)
	for i := range with.rows {
		with.rows[i].Figures = append(slices.Clip(r.rows[i].Figures), values[i])
	}
	return &with, nil
}
