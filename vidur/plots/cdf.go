package plots

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
)

// thin is about how many points of a distribution are drawn.
const thin = 500

// distribution is values in ascending order, with the share of all that is at
// or below each.
type distribution struct {
	look
	value, share []float64
}

func newDistribution(values, counts []float64) distribution {
	type bin struct{ value, count float64 }
	bins := make([]bin, 0, len(values))
	total := 0.0
	for i, v := range values {
		if counts[i] > 0 {
			bins = append(bins, bin{v, counts[i]})
			total += counts[i]
		}
	}
	slices.SortFunc(bins, func(a, b bin) int {
		return cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(a.count, b.count))
	})
	d := distribution{value: make([]float64, 0, len(bins)), share: make([]float64, 0, len(bins))}
	sum := 0.0
	for _, b := range bins {
		sum += b.count
		if n := len(d.value); n > 0 && d.value[n-1] == b.value {
			d.share[n-1] = sum / total
			continue
		}
		d.value, d.share = append(d.value, b.value), append(d.share, sum/total)
	}
	d.share[len(d.share)-1] = 1
	return d
}

// quantile is the least value with at least the share q at or below it: where
// the drawn steps reach q.
func (d distribution) quantile(q float64) float64 {
	i := sort.SearchFloat64s(d.share, q-1e-12)
	return d.value[min(i, len(d.value)-1)]
}

// thinned are the places of about n values evenly spread over the shares, with
// as many again towards the end, where the tail is.
func (d distribution) thinned(n int) []int {
	keep := make([]bool, len(d.value))
	keep[0], keep[len(keep)-1] = true, true
	mark := func(q float64) { keep[min(sort.SearchFloat64s(d.share, q), len(keep)-1)] = true }
	for i := 0; i <= n/2; i++ {
		mark(float64(i) / float64(n/2))
		mark(1 - math.Pow(10, -8*float64(i)/float64(n/2)))
	}
	var out []int
	for i, k := range keep {
		if k || len(keep) <= n {
			out = append(out, i)
		}
	}
	return out
}

// CDF draws the cumulative distributions of series of values: the share of
// values, 0 to 1, that are at most x. The values of a series are in Y, or in X
// with the number of times that each occurs in Y.
func CDF(xlabel string, series ...Series) (*Figure, error) {
	f := newFigure(xlabel, "share of values")
	f.y.fixed = true
	f.Plot.Y.Min, f.Plot.Y.Max = 0, 1
	return f.distributions(false, series)
}

// CCDF draws the share of values above x with a logarithmic axis, on which the
// tail can be seen: P99 is at 0.01. The values are as those of CDF.
func CCDF(xlabel string, series ...Series) (*Figure, error) {
	f := newFigure(xlabel, "share of values above")
	f, err := f.distributions(true, series)
	if err != nil {
		return nil, err
	}
	f.y.log = true
	f.Plot.Y.Scale, f.Plot.Y.Tick.Marker = logScale{}, ticks{log: true}
	return f, f.fit()
}

func (f *Figure) distributions(above bool, series []Series) (*Figure, error) {
	if len(series) == 0 {
		return nil, fmt.Errorf("plots: a distribution needs a series")
	}
	for i, s := range series {
		values, counts, err := f.values(s)
		if err != nil {
			return nil, err
		}
		d := newDistribution(values, counts)
		d.look = lookOf(i)
		if !above {
			f.sorted = append(f.sorted, d)
		}
		f.add(d.steps(above))
		f.entry(s.Name, d.look, asLine)
	}
	if above {
		return f, nil
	}
	return f, f.fit()
}

// steps is the line of the distribution, or of what is above it.
func (d distribution) steps(above bool) *line {
	l := &line{look: d.look, step: true}
	first := 0.0
	if above {
		first = 1
	}
	l.x, l.y = append(l.x, d.value[0]), append(l.y, first)
	for _, i := range d.thinned(thin) {
		y := d.share[i]
		if above {
			y = 1 - y
			if i == len(d.share)-1 {
				// The last value has nothing above it, which a logarithmic axis
				// cannot show: the line ends there at its height.
				y = l.y[len(l.y)-1]
			}
		}
		l.x, l.y = append(l.x, d.value[i]), append(l.y, y)
	}
	return l
}

// MarkPercentiles draws a thin line at each percentile, more than 0 and less than
// 100, with its name, and a dot where each series reaches it. The figure must be
// a CDF.
func (f *Figure) MarkPercentiles(percentiles ...float64) error {
	if len(f.sorted) == 0 {
		return fmt.Errorf("plots: percentiles can only be marked in a CDF")
	}
	for _, p := range percentiles {
		if !(p > 0 && p < 100) {
			return fmt.Errorf("plots: a percentile of %g", p)
		}
	}
	for _, p := range percentiles {
		if err := f.HLine(p/100, "P"+strconv.FormatFloat(p, 'f', -1, 64)); err != nil {
			return err
		}
		for _, d := range f.sorted {
			dot := &cloud{look: d.look, x: []float64{d.quantile(p / 100)}, y: []float64{p / 100}, radius: 1.7}
			dot.mark = markers[0]
			f.add(dot)
		}
	}
	return f.fit()
}
