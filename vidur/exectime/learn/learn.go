// Package learn turns a profile, times measured at some sizes, into a function
// that gives a time at any size.
//
// An [Estimator] learns a [Model] from [Data]: [Forest], [Poly], and CART in the
// package cart. [Select] takes the best one of a grid by cross-validation, as
// the original simulator does with the grids [VidurForestGrid] and
// [VidurLinearGrid]; with Forest.Original to the last bit. [Encode] and [Decode] keep a model in a file.
//
// Everything is a function of its arguments, to the bit, on any number of
// processors.
package learn

import (
	"fmt"
	"math"
)

// Data are measurements. Units are those of the caller: what goes in as
// milliseconds comes out as milliseconds.
type Data struct {
	Features []string    // their names
	X        [][]float64 // by feature, then row
	Y        []float64   // by row
}

// A Model predicts. It is safe for concurrent use.
type Model interface {
	Predict(x []float64) float64 // one row, by feature
}

// An Estimator learns. Its String tells kind and parameters, all of them, so it
// can stand for the estimator in the key of a cache.
type Estimator interface {
	Fit(d Data) (Model, error)
	String() string
}

// Check says what is wrong with data, if anything: no rows, lists of different
// lengths, numbers that are not finite.
func (d Data) Check() error {
	if len(d.Y) == 0 || len(d.X) == 0 || len(d.X) != len(d.Features) {
		return fmt.Errorf("data of %d rows with %d named features and %d columns", len(d.Y), len(d.Features), len(d.X))
	}
	for k, column := range d.X {
		if len(column) != len(d.Y) {
			return fmt.Errorf("column %q has %d rows, the target %d", d.Features[k], len(column), len(d.Y))
		}
		if r := firstOdd(column); r >= 0 {
			return fmt.Errorf("column %q, row %d: %v", d.Features[k], r, column[r])
		}
	}
	if r := firstOdd(d.Y); r >= 0 {
		return fmt.Errorf("target, row %d: %v", r, d.Y[r])
	}
	return nil
}

// firstOdd returns the index of the first number that is not finite, or -1.
func firstOdd(list []float64) int {
	for i, v := range list {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return i
		}
	}
	return -1
}

// rows returns some rows of data, by index.
func (d Data) rows(index []int) Data {
	take := func(from []float64) []float64 {
		to := make([]float64, len(index))
		for i, r := range index {
			to[i] = from[r]
		}
		return to
	}
	s := Data{Features: d.Features, Y: take(d.Y), X: make([][]float64, len(d.X))}
	for k, column := range d.X {
		s.X[k] = take(column)
	}
	return s
}

// predict returns a model's predictions for all rows.
func (d Data) predict(m Model) []float64 {
	out, x := make([]float64, len(d.Y)), make([]float64, len(d.X))
	for r := range out {
		for k, column := range d.X {
			x[k] = column[r]
		}
		out[r] = m.Predict(x)
	}
	return out
}

// Error returns the mean over all rows of |predicted - true| / true, in percent.
// A row of which the truth is 0 counts 0 if that is predicted, else 100: the
// original's measure.
func Error(predicted, truth []float64) float64 {
	sum := 0.0
	for i, y := range truth {
		switch p := predicted[i]; {
		case y != 0:
			sum += float64(math.Abs(y-p) / math.Abs(y) * 100) // not fused with the addition, so the same on all processors
		case p != 0:
			sum += 100
		}
	}
	return sum / float64(len(truth))
}
