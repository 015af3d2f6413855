package frames

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/govidur/govidur/vidur/internal/student"
	"github.com/govidur/govidur/vidur/plots"
	"github.com/govidur/govidur/vidur/search"
)

// confidence is the level of the intervals that Curves gives.
const confidence = 0.95

// Curves returns what plots.Curves and plots.Bands draw of a frame in which a row
// is a run, as those of Sweep: a series for each combination of values in the
// columns by, in order of their first row, with the column y over the column x,
// ascending. Rows of a series that are equal in x are replications, as runs with
// different seeds are: Y is their mean, and ErrLow and ErrHigh are how far the
// 95 % interval of that mean reaches, by Student's t, which assumes that
// replications are independent and normally distributed. If no x has two values
// there are none; missing values are left out. A series is named by its values in
// by: strings as they are, numbers and booleans after the name of their column.
func Curves(df dataframe.DataFrame, x, y string, by ...string) ([]plots.Series, error) {
	if err := sound(df); err != nil {
		return nil, err
	}
	xs, err := Floats(df, x)
	if err != nil {
		return nil, err
	}
	ys, err := Floats(df, y)
	if err != nil {
		return nil, err
	}
	g, err := groupsOf(df, by)
	if err != nil {
		return nil, err
	}
	points := make([][]point, len(g.first))
	for row, of := range g.of {
		points[of] = append(points[of], point{xs[row], ys[row]})
	}
	list := make([]plots.Series, len(g.first))
	for i, row := range g.first {
		list[i] = curve(points[i])
		for _, name := range by {
			list[i].Name = listed(list[i].Name, title(name, df.Col(name).Elem(row)))
		}
	}
	return list, nil
}

// Distributions returns a metric of each run of a sweep as plots.CDF draws it, in
// the order of the grid: see plots.Metric. The runs must have been kept by
// search.Keep; those that were not are left out, and it is an error if that leaves
// none. A series is named by its coordinates, but for those that all runs share:
// strings as they are, numbers and booleans after the name of their axis.
func Distributions(r *search.Results, metric string) ([]plots.Series, error) {
	if r == nil {
		return nil, errors.New("frames: no Results")
	}
	rows := slices.DeleteFunc(slices.Clone(r.Rows()), func(row search.Row) bool { return row.Store == nil })
	if len(rows) == 0 {
		return nil, errors.Join(errors.New("frames: no run of the sweep was kept: it needs the option search.Keep"), r.Err())
	}
	var list []plots.Series
	for _, row := range rows {
		name := ""
		for i, at := range row.Point {
			if slices.ContainsFunc(rows, func(other search.Row) bool { return other.Point[i].Value != at.Value }) {
				name = listed(name, titleOf(at.Name, at.Value))
			}
		}
		s, err := plots.Metric(name, row.Store, metric)
		if err != nil {
			return nil, fmt.Errorf("frames: %w", err)
		}
		list = append(list, s)
	}
	return list, nil
}

type point struct{ x, y float64 }

// curve is the mean of y over x.
func curve(points []point) (s plots.Series) {
	points = slices.DeleteFunc(points, func(p point) bool { return math.IsNaN(p.x) || math.IsNaN(p.y) })
	slices.SortStableFunc(points, func(a, b point) int { return cmp.Compare(a.x, b.x) })
	var widths []float64
	replicated := false
	for from := 0; from < len(points); {
		to := from
		for to < len(points) && points[to].x == points[from].x {
			to++
		}
		mean, width := meanOf(points[from:to])
		s.X, s.Y, widths = append(s.X, points[from].x), append(s.Y, mean), append(widths, width)
		replicated = replicated || to-from > 1
		from = to
	}
	if replicated {
		s.ErrLow, s.ErrHigh = widths, slices.Clone(widths)
	}
	return s
}

// meanOf is the mean of y, and half the width of its interval: 0 of one value.
func meanOf(points []point) (mean, width float64) {
	n := float64(len(points))
	for _, p := range points {
		mean += p.y / n
	}
	if n < 2 {
		return mean, 0
	}
	squares := 0.0
	for _, p := range points {
		squares += (p.y - mean) * (p.y - mean)
	}
	return mean, student.Half(len(points), squares/(n-1), confidence)
}

// listed is a list of titles with one more.
func listed(list, title string) string { return strings.TrimPrefix(list+", "+title, ", ") }

// title is what a series is called for a value of a column.
func title(column string, e series.Element) string {
	if e.Type() == series.Float && !e.IsNA() {
		return titleOf(column, e.Float())
	}
	if e.Type() == series.String {
		return e.String()
	}
	return column + " " + e.String()
}

// titleOf is what a series is called for a value of an axis.
func titleOf(axis string, value any) string {
	switch v := value.(type) {
	case string:
		return v
	case float64:
		return axis + " " + strconv.FormatFloat(v, 'g', -1, 64)
	}
	return fmt.Sprint(axis, " ", value)
}
