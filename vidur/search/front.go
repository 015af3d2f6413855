package search

import (
	"fmt"
	"math"
	"slices"
)

// Goal is a column and which way it is better. [Max] and [Min] make one.
type Goal struct {
	Column string
	Less   bool // less is better
}

// Max is the goal that a column is as large as can be.
func Max(column string) Goal { return Goal{Column: column} }

// Min is the goal that a column is as small as can be.
func Min(column string) Goal { return Goal{Column: column, Less: true} }

// Bound is what a column must keep. [AtMost] and [AtLeast] make one.
type Bound struct {
	Column    string
	Low, High float64 // both included
}

// AtMost bounds a column from above. A row without the figure does not keep it.
func AtMost(column string, most float64) Bound { return Bound{column, math.Inf(-1), most} }

// AtLeast bounds a column from below. A row without the figure does not keep it.
func AtLeast(column string, least float64) Bound { return Bound{column, least, math.Inf(1)} }

// fitting lists the rows that have no error and keep all bounds.
func (r *Results) fitting(bounds []Bound) ([]int, error) {
	rows := []int{}
	for i := range r.rows {
		if r.rows[i].Err == nil {
			rows = append(rows, i)
		}
	}
	for _, b := range bounds {
		values, err := r.Floats(b.Column)
		if err != nil {
			return nil, err
		}
		rows = slices.DeleteFunc(rows, func(i int) bool { return !(values[i] >= b.Low && values[i] <= b.High) })
	}
	return rows, nil
}

// values are a goal's column, turned so that more is better; NaN is worst.
func (r *Results) values(g Goal) ([]float64, error) {
	values, err := r.Floats(g.Column)
	if err != nil {
		return nil, err
	}
	values = slices.Clone(values)
	for i := range values {
		if g.Less {
			values[i] = -values[i]
		}
		if math.IsNaN(values[i]) {
			values[i] = math.Inf(-1)
		}
	}
	return values, nil
}

// Front lists the rows that keep all bounds and that no other such row is at
// least as good as in every goal and better in one: the Pareto front, in the
// order of the rows. A row without a figure that is a goal is not on it.
func (r *Results) Front(goals []Goal, bounds ...Bound) ([]int, error) {
	r = r.held()
	rows, err := r.fitting(bounds)
	if err != nil || len(goals) == 0 {
		return nil, err
	}
	var columns [][]float64
	for _, g := range goals {
		values, err := r.values(g)
		if err != nil {
			return nil, err
		}
		rows = slices.DeleteFunc(rows, func(i int) bool { return math.IsInf(values[i], -1) })
		columns = append(columns, values)
	}
	better := func(a, b int) bool { // than b
		more := false
		for _, c := range columns {
			if c[a] < c[b] {
				return false
			}
			more = more || c[a] > c[b]
		}
		return more
	}
	front := []int{}
	for _, i := range rows {
		if !slices.ContainsFunc(rows, func(k int) bool { return better(k, i) }) {
			front = append(front, i)
		}
	}
	return front, nil
}

// Best is the row that keeps all bounds and is best in a goal, of equal ones the
// first; -1 if none keeps them.
func (r *Results) Best(goal Goal, bounds ...Bound) (int, error) {
	r = r.held()
	rows, err := r.fitting(bounds)
	if err != nil {
		return -1, err
	}
	values, err := r.values(goal)
	if err != nil {
		return -1, err
	}
	return best(rows, values), nil
}

func best(rows []int, values []float64) int {
	at := -1
	for _, i := range rows {
		if v := values[i]; v > math.Inf(-1) && (at < 0 || v > values[at]) {
			at = i
		}
	}
	return at
}

// without is a point without a coordinate, as text.
func (p Point) without(name string) string {
	return slices.DeleteFunc(slices.Clone(p), func(c Coordinate) bool { return c.Name == name }).String()
}

// Transfer is what it costs to run on one value of an axis, say one workload, what
// is best on another.
type Transfer struct {
	Axis   string
	Values []string // of the axis
	Best   []int    // row that is best at each; -1 if none is
	// Kept is, for what is best at value a and runs at value b, its goal there
	// over that of the best there: 1 loses nothing, 0 is of no use. NaN if
	// nothing is best at one of them.
	Kept [][]float64

	// Robust is the row, at the first value, of what keeps most where it keeps
	// least, Least; -1 if nothing is best somewhere.
	Robust int
	Least  float64
}

// Transfer compares along an axis whose values stand for workloads; the other
// coordinates are what is chosen. The goal's column must not be negative.
func (r *Results) Transfer(axis string, goal Goal, bounds ...Bound) (*Transfer, error) {
	r = r.held()
	column, err := r.Column(axis)
	if err != nil {
		return nil, err
	}
	if len(r.rows) == 0 || r.rows[0].Point.Value(axis) == nil {
		return nil, fmt.Errorf("search: %q is no axis", axis)
	}
	rows, err := r.fitting(bounds)
	if err != nil {
		return nil, err
	}
	figures, err := r.Floats(goal.Column)
	if err != nil {
		return nil, err
	}
	t := &Transfer{Axis: axis, Robust: -1}
	places := texts(column)
	x := &exchange{Results: r, axis: axis, less: goal.Less, values: figures, at: map[string]map[string]int{}}
	for i, place := range places {
		if x.at[place] == nil {
			t.Values, x.at[place] = append(t.Values, place), map[string]int{}
		}
		if slices.Contains(rows, i) {
			x.at[place][r.rows[i].Point.without(axis)] = i
		}
	}
	x.fill(t)
	return t, nil
}

func texts(column any) []string {
	var out []string
	for _, v := range flatten([]any{column}) {
		out = append(out, fmt.Sprint(v))
	}
	return out
}

// exchange is a comparison along an axis under way.
type exchange struct {
	*Results
	axis   string
	less   bool
	values []float64
	at     map[string]map[string]int // rows that count, by value of the axis and by what is chosen
}

// kept is the goal of a choice at a place over that of the best there.
func (x *exchange) kept(choice, place string, best int) float64 {
	i, ok := x.at[place][choice]
	switch {
	case !ok || x.values[i] != x.values[i]:
		return 0
	case x.values[i] == x.values[best]:
		return 1
	case x.less:
		return x.values[best] / x.values[i]
	}
	return x.values[i] / x.values[best]
}

func (x *exchange) fill(t *Transfer) {
	for _, place := range t.Values {
		at := -1
		for i := range x.rows { // in order, not that of a map
			if k, ok := x.at[place][x.rows[i].Point.without(x.axis)]; !ok || k != i || x.values[i] != x.values[i] {
				continue
			}
			if at < 0 || x.less && x.values[i] < x.values[at] || !x.less && x.values[i] > x.values[at] {
				at = i
			}
		}
		t.Best = append(t.Best, at)
	}
	for _, a := range t.Best {
		row := none(len(t.Values))
		for k, b := range t.Best {
			if a >= 0 && b >= 0 {
				row[k] = x.kept(x.rows[a].Point.without(x.axis), t.Values[k], b)
			}
		}
		t.Kept = append(t.Kept, row)
	}
	if slices.Contains(t.Best, -1) {
		return
	}
	for i := range x.rows {
		choice := x.rows[i].Point.without(x.axis)
		if k, ok := x.at[t.Values[0]][choice]; !ok || k != i {
			continue
		}
		least := 1.0
		for k, place := range t.Values {
			least = min(least, x.kept(choice, place, t.Best[k]))
		}
		if t.Robust < 0 || least > t.Least {
			t.Robust, t.Least = i, least
		}
	}
}
