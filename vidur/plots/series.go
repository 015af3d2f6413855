package plots

import (
	"fmt"
	"math"

	"github.com/govidur/govidur/vidur/metrics"
)

// Series is a named set of points or, for distributions and bars, of values.
// Figures keep copies of what they draw.
type Series struct {
	Name string // in the legend; empty means no entry
	X, Y []float64
	// ErrLow and ErrHigh are how far error bars and bands reach below and above
	// Y, in its unit, not negative; nil means none, and if only one is given it is
	// both.
	ErrLow, ErrHigh []float64
	// XErrLow and XErrHigh are the same to the left and right of X; Pareto shows them.
	XErrLow, XErrHigh []float64
	Labels            []string // of points, where a figure shows them
}

// Values is a series of values for CDF, CCDF, Histogram and the bars.
func Values(name string, values []float64) Series { return Series{Name: name, Y: values} }

// XY is a series of points.
func XY(name string, x, y []float64) Series { return Series{Name: name, X: x, Y: y} }

// Metric is a metric of a run as a series of values: a column with a value per
// request (see [metrics.ColumnNames]), or else a sketch of the Store, whose
// values come with counts (X and Y; CDF, CCDF and Histogram take both).
func Metric(name string, st *metrics.Store, metric string) (Series, error) {
	if st == nil {
		return Series{}, fmt.Errorf("plots: series %q: no metrics.Store", name)
	}
	column, err := st.Column(metric)
	if err == nil && len(column.Values) > 0 {
		return Values(name, column.Values), nil
	}
	bins, _, ok := st.Sketch(metric)
	if !ok {
		if err == nil {
			err = fmt.Errorf("no values of %q were kept", metric)
		}
		return Series{}, fmt.Errorf("plots: series %q: %w", name, err)
	}
	s := Series{Name: name}
	bins(func(value float64, count int) bool {
		s.X = append(s.X, value)
		s.Y = append(s.Y, float64(count))
		return true
	})
	return s, nil
}

// huge is the largest magnitude that is drawn: the difference of any two values
// then still is a number.
const huge = 1e300

// values are the checked values of s, which are in Y, or in X with counts in Y.
func (f *Figure) values(s Series) (values, counts []float64, err error) {
	if len(s.X) == 0 {
		s.X, s.Y = s.Y, nil
	}
	if s.Y == nil {
		s.Y = make([]float64, len(s.X))
		for i := range s.Y {
			s.Y[i] = 1
		}
	}
	p, err := f.points(s)
	if err != nil {
		return nil, nil, err
	}
	total := 0.0
	for i, c := range p.Y {
		if c < 0 {
			return nil, nil, fmt.Errorf("plots: series %q: count %d is %g", s.Name, i, c)
		}
		total += c
	}
	if total == 0 {
		return nil, nil, fmt.Errorf("plots: series %q has no values", s.Name)
	}
	return p.X, p.Y, nil
}

// points is a checked copy of s without the points that have a NaN.
func (f *Figure) points(s Series) (Series, error) {
	if err := s.check(); err != nil {
		return s, fmt.Errorf("plots: series %q: %w", s.Name, err)
	}
	s.ErrLow, s.ErrHigh = both(s.ErrLow, s.ErrHigh)
	s.XErrLow, s.XErrHigh = both(s.XErrLow, s.XErrHigh)
	out := Series{Name: s.Name}
	for i, x := range s.X {
		if math.IsNaN(x) || math.IsNaN(s.Y[i]) {
			continue
		}
		out.X, out.Y = append(out.X, x), append(out.Y, s.Y[i])
		if s.ErrLow != nil {
			out.ErrLow = append(out.ErrLow, zeroNaN(s.ErrLow[i]))
			out.ErrHigh = append(out.ErrHigh, zeroNaN(s.ErrHigh[i]))
		}
		if s.XErrLow != nil {
			out.XErrLow = append(out.XErrLow, zeroNaN(s.XErrLow[i]))
			out.XErrHigh = append(out.XErrHigh, zeroNaN(s.XErrHigh[i]))
		}
		if s.Labels != nil {
			out.Labels = append(out.Labels, s.Labels[i])
		}
	}
	if len(out.X) == 0 {
		return s, fmt.Errorf("plots: series %q has no values", s.Name)
	}
	if lost := len(s.X) - len(out.X); lost > 0 {
		f.note("series %q: %d of %d values are NaN and left out", s.Name, lost, len(s.X))
	}
	return out, nil
}

// check finds what is wrong with a series.
func (s Series) check() error {
	if len(s.X) != len(s.Y) {
		return fmt.Errorf("%d values of X, %d of Y", len(s.X), len(s.Y))
	}
	if s.Labels != nil && len(s.Labels) != len(s.X) {
		return fmt.Errorf("%d labels for %d points", len(s.Labels), len(s.X))
	}
	lists := []struct {
		name   string
		values []float64
		least  float64
	}{{"X", s.X, -huge}, {"Y", s.Y, -huge}, {"ErrLow", s.ErrLow, 0}, {"ErrHigh", s.ErrHigh, 0},
		{"XErrLow", s.XErrLow, 0}, {"XErrHigh", s.XErrHigh, 0}}
	for _, l := range lists {
		if l.values != nil && len(l.values) != len(s.X) {
			return fmt.Errorf("%d values of %s for %d points", len(l.values), l.name, len(s.X))
		}
		for i, v := range l.values {
			if v < l.least || v > huge {
				return fmt.Errorf("%s[%d] is %g", l.name, i, v)
			}
		}
	}
	return nil
}

// both are the ends of error bars, of which one alone stands for the other.
func both(low, high []float64) ([]float64, []float64) {
	if low == nil {
		low = high
	}
	if high == nil {
		high = low
	}
	return low, high
}

func zeroNaN(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}

// numbered is s with 0, 1, … as X: a value per group.
func (s Series) numbered() Series {
	s.X = make([]float64, len(s.Y))
	for i := range s.X {
		s.X[i] = float64(i)
	}
	return s
}
