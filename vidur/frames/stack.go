package frames

import (
	"fmt"
	"slices"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

// mostExact is the greatest whole number below which every other is a float64.
const mostExact = 1 << 53

// commonType is the type that holds the values of two columns exactly.
func commonType(name string, a, b series.Type) (series.Type, error) {
	switch {
	case a == b:
		return a, nil
	case a == series.Int && b == series.Float || a == series.Float && b == series.Int:
		return series.Float, nil
	}
	return a, fmt.Errorf("frames: column %q is of type %s and of type %s", name, a, b)
}

// as is a column with another type that holds its values.
func as(s series.Series, t series.Type) (series.Series, error) {
	if s.Type() == t {
		return s, nil
	}
	for i := range s.Len() {
		if v, err := s.Elem(i).Int(); err == nil && (v > mostExact || v < -mostExact) {
			return s, fmt.Errorf("frames: column %q: %d is no float64, which it would become beside floats", s.Name, v)
		}
	}
	return floatsOf(s.Name, s.Float()), nil
}

// stack puts columns under one another.
func stack(parts []series.Series) (series.Series, error) {
	t := parts[0].Type()
	var err error
	for _, p := range parts[1:] {
		if t, err = commonType(p.Name, t, p.Type()); err != nil {
			return p, err
		}
	}
	if t == series.String {
		var all []string
		for _, p := range parts {
			all = append(all, p.Records()...)
		}
		return stringsOf(parts[0].Name, all), nil
	}
	out := series.New([]int{}, t, parts[0].Name)
	for _, p := range parts {
		if p, err = as(p, t); err != nil {
			return p, err
		}
		out.Append(p)
	}
	return out, nil
}

// pick is the values of some rows, missing where a row is negative.
func pick(s series.Series, rows []int) series.Series {
	first := slices.IndexFunc(rows, func(r int) bool { return r < 0 })
	if first < 0 {
		return s.Subset(rows)
	}
	if s.Len() == 0 {
		return absentOf(s.Name, s.Type(), len(rows))
	}
	some := make([]int, len(rows))
	for i, r := range rows {
		some[i] = max(r, 0)
	}
	out := s.Subset(some)
	for i := first; i < len(rows); i++ {
		if rows[i] < 0 {
			out.Elem(i).Set(gotaMissing)
		}
	}
	return out
}

// absentOf is a column of n missing values.
func absentOf(name string, t series.Type, n int) series.Series {
	return series.New(slices.Repeat([]string{gotaMissing}, n), t, name)
}

// Concat returns the rows of all frames, one frame's after the other's. Its
// columns are those of all, in the order in which they first occur; a frame that
// does not have one misses its values. Of whole numbers in one frame and floats
// in another, Float comes; other types must agree.
func Concat(list ...dataframe.DataFrame) (dataframe.DataFrame, error) {
	var names []string
	types := Types{}
	for _, df := range list {
		if err := sound(df); err != nil {
			return failed(err), err
		}
		for i, name := range df.Names() {
			if t, ok := types[name]; !ok {
				names, types[name] = append(names, name), df.Types()[i]
			} else if _, err := commonType(name, t, df.Types()[i]); err != nil {
				return failed(err), err
			}
		}
	}
	columns := make([]series.Series, len(names))
	for c, name := range names {
		parts := make([]series.Series, len(list))
		for i, df := range list {
			if slices.Contains(df.Names(), name) {
				parts[i] = df.Col(name)
			} else {
				parts[i] = absentOf(name, types[name], df.Nrow())
			}
		}
		var err error
		if columns[c], err = stack(parts); err != nil {
			return failed(err), err
		}
	}
	df := frame(columns...)
	return df, df.Err
}
