package frames

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

// Pivot makes a wide frame of a long one: a row per combination of values in
// the columns rows, and for each value of column a column, named by it, of what
// value is there. Both are in the order in which they first occur; see Sort. A
// combination that does not occur is a missing value; one that occurs twice is
// an error: aggregate it with GroupBy first. So are more than 2^26 cells.
func Pivot(df dataframe.DataFrame, rows []string, column, value string) (dataframe.DataFrame, error) {
	if err := sound(df); err != nil {
		return failed(err), err
	}
	down, err := groupsOf(df, rows)
	if err != nil {
		return failed(err), err
	}
	across, err := groupsOf(df, []string{column})
	if err != nil {
		return failed(err), err
	}
	values, err := Column(df, value)
	if err != nil {
		return failed(err), err
	}
	source, err := cellsOfPivot(df, down, across, append(rows[:len(rows):len(rows)], column))
	if err != nil {
		return failed(err), err
	}
	var columns []series.Series
	for _, name := range rows {
		columns = append(columns, df.Col(name).Subset(down.first))
	}
	names := df.Col(column)
	for c, first := range across.first {
		s := pick(values, source[c])
		s.Name = label(names.Elem(first))
		columns = append(columns, s)
	}
	out := frame(columns...)
	return out, out.Err
}

// maxCells is how large a wide frame may be, so that a column of times does not
// take all memory where one of names was meant.
const maxCells = 1 << 26

// cellsOfPivot finds the row of each cell of a wide frame, by column and row; -1
// if there is none.
func cellsOfPivot(df dataframe.DataFrame, down, across *groups, keys []string) ([][]int, error) {
	if n := len(down.first) * len(across.first); n > maxCells {
		return nil, fmt.Errorf("frames: %d rows and %d columns are more than %d cells", len(down.first), len(across.first), maxCells)
	}
	source := make([][]int, len(across.first))
	for c := range source {
		source[c] = slices.Repeat([]int{-1}, len(down.first))
	}
	for i, r := range down.of {
		at := &source[across.of[i]][r]
		if *at >= 0 {
			return nil, fmt.Errorf("frames: rows %d and %d are both of %s; GroupBy makes one of them", *at, i, place(df, keys, i))
		}
		*at = i
	}
	return source, nil
}

// place says where in a frame a row is.
func place(df dataframe.DataFrame, columns []string, row int) string {
	parts := make([]string, len(columns))
	for i, name := range columns {
		parts[i] = name + "=" + label(df.Col(name).Elem(row))
	}
	return strings.Join(parts, ", ")
}

// label is a value with all its digits; NaN if it is missing.
func label(e series.Element) string {
	switch {
	case missing(e):
		return gotaMissing
	case e.Type() == series.Float:
		return strconv.FormatFloat(e.Float(), 'g', -1, 64)
	}
	return e.String()
}
