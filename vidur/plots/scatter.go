package plots

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/plot/vg"
)

// Scatter draws the points of each series without joining them. ErrLow and ErrHigh
// are error bars.
func Scatter(xlabel, ylabel string, series ...Series) (*Figure, error) {
	f := newFigure(xlabel, ylabel)
	if err := f.clouds(series); err != nil {
		return nil, err
	}
	return f, f.fit()
}

func (f *Figure) clouds(series []Series) error {
	if len(series) == 0 {
		return fmt.Errorf("plots: there is no series")
	}
	for i, s := range series {
		s, err := f.points(s)
		if err != nil {
			return err
		}
		c := &cloud{look: lookOf(i), x: s.X, y: s.Y, radius: cloudRadius(len(s.X))}
		if s.ErrLow != nil {
			f.add(&errorBars{look: c.look, x: s.X, y: s.Y, low: s.ErrLow, high: s.ErrHigh})
		}
		f.add(c)
		f.entry(s.Name, c.look, asMark)
	}
	return nil
}

// FitLine draws the least-squares line through the points of a Scatter, of all
// series, and adds its formula and R² to the legend. It needs two points of
// different X and linear axes.
func (f *Figure) FitLine() error {
	if f.x.log || f.y.log {
		return fmt.Errorf("plots: a straight line cannot be fitted on logarithmic axes")
	}
	x, y := f.cloudPoints()
	lo, hi := rangeOf(x)
	if !(lo < hi) {
		return fmt.Errorf("plots: a line cannot be fitted to %d points of one X", len(x))
	}
	a, b := stat.LinearRegression(x, y, nil, false)
	r2 := stat.RSquared(x, y, nil, a, b)
	if math.IsInf(a, 0) || math.IsInf(b, 0) || math.IsNaN(a+b) {
		return fmt.Errorf("plots: a line cannot be fitted to values of this size")
	}
	l := &line{look: look{color: palette[5], dash: dashes[1]}, width: 0.9, x: []float64{lo, hi}, y: []float64{a + b*lo, a + b*hi}}
	f.add(l)
	sign, off := "+", a
	if a < 0 {
		sign, off = "−", -a
	}
	name := "y = " + short(b) + " x " + sign + " " + short(off)
	if !math.IsNaN(r2) {
		name += ", R² = " + strconv.FormatFloat(r2, 'f', 3, 64)
	}
	f.entry(name, l.look, asLine)
	return f.fit()
}

// Identity draws the line y = x over the range of the points.
func (f *Figure) Identity() error {
	x, y := f.cloudPoints()
	if len(x) == 0 {
		return fmt.Errorf("plots: the line y = x needs the points of a Scatter")
	}
	lo, hi := rangeOf(append(append([]float64(nil), x...), y...))
	if f.x.log || f.y.log {
		lo = math.Inf(1)
		for i := range x {
			if x[i] > 0 && y[i] > 0 {
				lo = min(lo, x[i], y[i])
			}
		}
	}
	f.add(&line{look: look{color: grey, dash: dashes[1]}, width: 0.9, x: []float64{lo, hi}, y: []float64{lo, hi}})
	f.entry("y = x", look{color: grey, dash: dashes[1]}, asLine)
	return f.fit()
}

// cloudRadius is smaller for more points.
func cloudRadius(n int) vg.Length {
	switch {
	case n > 5000:
		return 0.7
	case n > 300:
		return 1.1
	}
	return 1.8
}

// cloudPoints are the points of all clouds.
func (f *Figure) cloudPoints() (x, y []float64) {
	for _, l := range f.layers {
		if c, ok := l.(*cloud); ok {
			x, y = append(x, c.x...), append(y, c.y...)
		}
	}
	return x, y
}

func rangeOf(v []float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, x := range v {
		lo, hi = min(lo, x), max(hi, x)
	}
	return lo, hi
}

// short writes a number to three digits.
func short(v float64) string { return minus(strconv.FormatFloat(v, 'g', 3, 64)) }
