package frames

import (
	"fmt"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

// FromColumns makes a frame of the named columns that a function gives: slices
// of equal length of float64 or float32 (Float), int, int64, int32 or uint32
// (Int), string (String) or bool (Bool). NaN, and the string "NaN", are missing
// values.
func FromColumns(names []string, column func(name string) (any, error)) (dataframe.DataFrame, error) {
	if column == nil {
		err := fmt.Errorf("frames: no function for the columns")
		return failed(err), err
	}
	list := make([]series.Series, len(names))
	for i, name := range names {
		values, err := column(name)
		if err != nil {
			err = fmt.Errorf("frames: column %q: %w", name, err)
			return failed(err), err
		}
		if list[i], err = ofSlice(name, values); err != nil {
			return failed(err), err
		}
		if n := list[0].Len(); list[i].Len() != n {
			err := fmt.Errorf("frames: column %q has %d values, %q has %d", name, list[i].Len(), names[0], n)
			return failed(err), err
		}
	}
	df := frame(list...)
	return df, df.Err
}

// ofSlice is a typed slice as a series.
func ofSlice(name string, values any) (series.Series, error) {
	switch v := values.(type) {
	case []float64:
		return floatsOf(name, v), nil
	case []float32:
		return floatsOf(name, converted[float64](v)), nil
	case []int:
		return intsOf(name, v), nil
	case []int64:
		return intsOf(name, converted[int](v)), nil
	case []int32:
		return intsOf(name, converted[int](v)), nil
	case []uint32:
		return intsOf(name, converted[int](v)), nil
	case []string:
		return stringsOf(name, v), nil
	case []bool:
		return series.New(v, series.Bool, name), nil
	}
	return series.Series{}, fmt.Errorf("frames: column %q is of type %T; []float64, []int, []string or []bool make one", name, values)
}

func converted[To, From float64 | float32 | int | int64 | int32 | uint32](values []From) []To {
	out := make([]To, len(values))
	for i, v := range values {
		out[i] = To(v)
	}
	return out
}
