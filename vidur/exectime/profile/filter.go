package profile

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/govidur/govidur/vidur/exectime/profile/internal/table"
)

// EmptyError says that no row of a file is for what was asked.
type EmptyError struct {
	File   string
	What   string   // operators or kind of rows
	Filter string   // column whose filter removed the last row
	Want   string   // value that was asked for
	Have   []string // values of the rows that the filters before it left, in order; at most twelve and "…"
}

func (e *EmptyError) Error() string {
	if e.Filter == "" {
		return fmt.Sprintf("%s: no rows for %s: the file has none at all", e.File, e.What)
	}
	return fmt.Sprintf("%s: no rows for %s: %s = %s: the file has %s", e.File, e.What, e.Filter, e.Want, strings.Join(e.Have, ", "))
}

// rows are some of the rows of a table.
type rows struct {
	*table.Table
	at []int
}

// filter is a condition on a column: a number, or a word.
type filter struct {
	column string
	number float64
	word   string // in place of the number, if not ""
}

func (f *filter) want() string {
	if f.word != "" {
		return f.word
	}
	return formatNumber(f.number)
}

func formatNumber(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// filter keeps the rows that meet all conditions. The error is an *EmptyError
// when none does.
func (r *rows) filter(what string, filters ...filter) (*rows, error) {
	kept := &rows{Table: r.Table, at: r.at}
	if len(r.at) == 0 {
		return nil, &EmptyError{File: r.File, What: what}
	}
	for i := range filters {
		f := &filters[i]
		match, have, err := r.matcher(f)
		if err != nil {
			return nil, err
		}
		var at []int
		for _, row := range kept.at {
			if match(row) {
				at = append(at, row)
			}
		}
		if len(at) == 0 {
			return nil, &EmptyError{File: r.File, What: what, Filter: f.column, Want: f.want(), Have: have(kept.at)}
		}
		kept.at = at
	}
	return kept, nil
}

// matcher gives the condition on a row, and the values of some rows.
func (r *rows) matcher(f *filter) (match func(row int) bool, have func([]int) []string, err error) {
	if f.word != "" {
		words, err := r.Text(f.column)
		if err != nil {
			return nil, nil, err
		}
		return func(row int) bool { return words[row] == f.word },
			func(at []int) []string { return list(distinct(words, at)) }, nil
	}
	values, err := r.Floats(f.column)
	if err != nil {
		return nil, nil, err
	}
	have = func(at []int) []string {
		var names []string
		for _, v := range distinct(values, at) {
			names = append(names, formatNumber(v))
		}
		return list(names)
	}
	return func(row int) bool { return values[row] == f.number }, have, nil
}

// distinct are the different values of some rows, in order; NaN once.
func distinct[T float64 | string](values []T, at []int) []T {
	out := make([]T, 0, len(at))
	for _, row := range at {
		out = append(out, values[row])
	}
	slices.Sort(out)
	return slices.CompactFunc(out, func(a, b T) bool { return a == b || a != a && b != b })
}

const maxListed = 12

func list(names []string) []string {
	if len(names) > maxListed {
		return append(slices.Clip(names[:maxListed]), "…")
	}
	return names
}

// key is a column of whole numbers that are not negative, of the kept rows.
func (r *rows) key(name string) ([]float64, error) {
	values, err := r.Floats(name)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(r.at))
	for i, row := range r.at {
		v := values[row]
		if math.IsNaN(v) {
			return nil, r.Errorf(row, name, "blank")
		}
		if v < 0 || v > maxKey || v != math.Trunc(v) {
			return nil, r.Errorf(row, name, "%v is no whole number from 0 to 2^40", v)
		}
		out[i] = v
	}
	return out, nil
}

const maxKey = 1 << 40 // of tokens or bytes

// times is a column of times in ms, of the kept rows. Blank ones are 0 if they
// may be.
func (r *rows) times(name string, blank bool) ([]float64, error) {
	values, err := r.Floats(name)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(r.at))
	for i, row := range r.at {
		v := values[row]
		switch {
		case math.IsNaN(v) && blank:
			v = 0
		case math.IsNaN(v):
			return nil, r.Errorf(row, name, "blank")
		case v < 0 || math.IsInf(v, 0):
			return nil, r.Errorf(row, name, "%v is no time in ms: finite and not negative", v)
		}
		out[i] = v
	}
	return out, nil
}

// where keeps the rows for which keep holds, given the place among the kept.
func (r *rows) where(keep func(i int) bool) *rows {
	out := &rows{Table: r.Table}
	for i, row := range r.at {
		if keep(i) {
			out.at = append(out.at, row)
		}
	}
	return out
}

func (r *rows) lines() []int {
	out := make([]int, len(r.at))
	for i, row := range r.at {
		out[i] = r.Lines[row]
	}
	return out
}
