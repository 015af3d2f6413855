package frames

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/govidur/govidur/vidur/internal/near"
)

// known is an error if a name is none of some.
func known(name string, names []string) error {
	if slices.Contains(names, name) {
		return nil
	}
	if like := near.Names(name, names, 3); len(like) > 0 {
		return fmt.Errorf("frames: no column %q; there is %s", name, strings.Join(like, ", "))
	}
	return fmt.Errorf("frames: no column %q", name)
}

// sound is an error if a frame is one, or has two columns of a name.
func sound(df dataframe.DataFrame) error {
	if df.Err != nil {
		return df.Err
	}
	names := df.Names()
	if len(names) == 0 {
		return fmt.Errorf("frames: a frame without columns")
	}
	slices.Sort(names)
	for i := range names[1:] {
		if names[i] == names[i+1] {
			return fmt.Errorf("frames: two columns %q", names[i])
		}
	}
	return nil
}

// Column returns a copy of a column. Unlike df.Col it has an error for a name
// that there is not.
func Column(df dataframe.DataFrame, name string) (series.Series, error) {
	if df.Err != nil {
		return series.Series{Err: df.Err}, df.Err
	}
	if err := known(name, df.Names()); err != nil {
		return series.Series{Err: err}, err
	}
	return df.Col(name), nil
}

// Floats returns the values of a column of numbers, NaN for missing ones; of
// Bool, 0 and 1.
func Floats(df dataframe.DataFrame, name string) ([]float64, error) {
	s, err := Column(df, name)
	if err != nil {
		return nil, err
	}
	switch s.Type() {
	case series.String:
		return nil, fmt.Errorf("frames: column %q has strings, not numbers", name)
	case series.Bool:
		return boolFloats(s), nil
	}
	return s.Float(), nil
}

func boolFloats(s series.Series) []float64 {
	out := make([]float64, s.Len())
	for i := range out {
		b, err := s.Elem(i).Bool()
		out[i] = unless(err != nil, 0)
		if b {
			out[i] = 1
		}
	}
	return out
}

// missing reports whether there is no value. The string NaN is none, also where
// gota has forgotten that.
func missing(e series.Element) bool {
	return e.IsNA() || e.Type() == series.String && e.String() == "NaN"
}

// Complete returns the rows that miss no value in the named columns, or in any
// if none is named.
func Complete(df dataframe.DataFrame, columns ...string) (dataframe.DataFrame, error) {
	if err := sound(df); err != nil {
		return df, err
	}
	if len(columns) == 0 {
		columns = df.Names()
	}
	gone := make([]bool, df.Nrow())
	for _, name := range columns {
		s, err := Column(df, name)
		if err != nil {
			return failed(err), err
		}
		for i := range gone {
			gone[i] = gone[i] || missing(s.Elem(i))
		}
	}
	keep := make([]int, 0, len(gone))
	for i, g := range gone {
		if !g {
			keep = append(keep, i)
		}
	}
	return df.Subset(keep), nil
}

// Sort returns the rows in ascending order of a column, those equal in it in
// order of the next, and those equal in all as they were. Missing values come
// last, false before true, strings by byte.
func Sort(df dataframe.DataFrame, by ...string) (dataframe.DataFrame, error) {
	if err := sound(df); err != nil {
		return df, err
	}
	keys := make([]func(i, j int) int, len(by))
	for k, name := range by {
		s, err := Column(df, name)
		if err != nil {
			return failed(err), err
		}
		keys[k] = comparer(s)
	}
	order := make([]int, df.Nrow())
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		for _, key := range keys {
			if c := key(i, j); c != 0 {
				return c
			}
		}
		return 0
	})
	return df.Subset(order), nil
}

// comparer compares rows by a column.
func comparer(s series.Series) func(i, j int) int {
	rank := make([]int, s.Len()) // 1 if missing
	for i := range rank {
		if missing(s.Elem(i)) {
			rank[i] = 1
		}
	}
	first := func(i, j int) (int, bool) { return cmp.Compare(rank[i], rank[j]), rank[i]+rank[j] > 0 }
	switch s.Type() {
	case series.String:
		return within(first, s.Records())
	case series.Int:
		values := make([]int, len(rank))
		for i := range values {
			values[i], _ = s.Elem(i).Int() // 0 where it is missing
		}
		return within(first, values)
	case series.Bool:
		return within(first, boolFloats(s))
	}
	return within(first, s.Float())
}

// within compares by values where first does not decide.
func within[T cmp.Ordered](first func(i, j int) (int, bool), values []T) func(i, j int) int {
	return func(i, j int) int {
		if c, decided := first(i, j); decided {
			return c
		}
		return cmp.Compare(values[i], values[j])
	}
}
