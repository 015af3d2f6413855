package forest

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
)

// A sample holds rows to learn from, sorted by features and target, so that
// nothing depends on the order in which they came.
type sample struct {
	y         []float64   // by row
	values    [][]float64 // by feature: its distinct values, ascending
	code      [][]int32   // by feature and row: the index in values
	order     [][]int32   // by feature: the rows, ascending in that feature
	low, high float64     // the range of y
}

func newSample(x [][]float64, y []float64) (*sample, error) {
	if err := check(x, y); err != nil {
		return nil, err
	}
	s := &sample{y: make([]float64, len(y)), low: slices.Min(y), high: slices.Max(y)}
	rows := ascending(x, y)
	for i, r := range rows {
		s.y[i] = y[r]
	}
	for _, column := range x {
		sorted := make([]float64, len(rows))
		for i, r := range rows {
			sorted[i] = column[r] + 0 // no negative zero
		}
		s.addFeature(sorted)
	}
	return s, nil
}

// check says what is wrong with rows.
func check(x [][]float64, y []float64) error {
	if len(x) < 1 || len(x) > maxFeatures || len(y) < 1 || len(y) > maxRows {
		return fmt.Errorf("forest: %d features of %d rows: outside 1 to %d and 1 to %d", len(x), len(y), maxFeatures, maxRows)
	}
	for f, column := range x {
		if len(column) != len(y) {
			return fmt.Errorf("forest: feature %d has %d rows, the target %d", f, len(column), len(y))
		}
		for r, v := range column {
			if !finite(v) {
				return fmt.Errorf("forest: feature %d of row %d is %v", f, r, v)
			}
		}
	}
	for r, v := range y {
		if !(math.Abs(v) <= maxTarget) {
			return fmt.Errorf("forest: the target of row %d is %v", r, v)
		}
	}
	return nil
}

// ascending returns the rows in the order of their features and target.
func ascending(x [][]float64, y []float64) []int {
	rows := make([]int, len(y))
	for i := range rows {
		rows[i] = i
	}
	slices.SortFunc(rows, func(a, b int) int {
		for _, column := range x {
			if c := cmp.Compare(column[a], column[b]); c != 0 {
				return c
			}
		}
		return cmp.Compare(y[a], y[b])
	})
	return rows
}

func (s *sample) addFeature(column []float64) {
	values, code := ranked(column)
	order := make([]int32, len(column))
	for r := range order {
		order[r] = int32(r)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(code[a], code[b]) })
	s.values, s.code, s.order = append(s.values, values), append(s.code, code), append(s.order, order)
}

// ranked returns the distinct values of a column, ascending, and for each row
// which of them it has.
func ranked(column []float64) (values []float64, code []int32) {
	values = slices.Clone(column)
	slices.Sort(values)
	values = slices.Compact(values)
	code = make([]int32, len(column))
	for r, v := range column {
		at, _ := slices.BinarySearch(values, v)
		code[r] = int32(at)
	}
	return values, code
}

// cut is half way between two neighbouring values of a feature, or the lower
// one where rounding would leave nothing between them.
func (s *sample) cut(feature int, low, high int32) float64 {
	a, b := s.values[feature][low], s.values[feature][high]
	if m := a/2 + b/2; m >= a && m < b {
		return m
	}
	return a
}

// bootstrap draws as many rows as there are, with replacement: how often each
// is drawn goes into weight.
func (s *sample) bootstrap(weight []int32, from *rand.PCG) {
	clear(weight)
	n := uint64(len(weight))
	for i := 0; i < len(weight); i++ {
		hi, _ := bits.Mul64(from.Uint64(), n)
		weight[hi]++
	}
}
