package plots

import (
	"fmt"
	"image/color"
	"math"
)

// Bars draws a group of bars for each name, with a bar for each series, whose Y
// has a value per group and whose ErrLow and ErrHigh are error bars. A NaN is a
// bar that is not there.
func Bars(ylabel string, groups []string, series ...Series) (*Figure, error) {
	f, err := newGrouped(ylabel, groups, series)
	if err != nil {
		return nil, err
	}
	width := 0.8 / float64(len(series))
	var errs []layer
	for i, s := range series {
		s, err := f.grouped(s, groups)
		if err != nil {
			return nil, err
		}
		r := &rects{look: lookOf(i), outline: true}
		middle := make([]float64, len(s.X))
		for k, g := range s.X {
			left := g - 0.4 + float64(i)*width
			middle[k] = left + width/2
			r.add(left, left+width, min(0, s.Y[k]), max(0, s.Y[k]))
		}
		f.add(r)
		if s.ErrLow != nil {
			black := look{color: palette[5]}
			errs = append(errs, &errorBars{look: black, x: middle, y: s.Y, low: s.ErrLow, high: s.ErrHigh})
		}
		f.entry(s.Name, r.look, asPatch)
	}
	for _, e := range errs {
		f.add(e)
	}
	return f, f.fit()
}

// StackedBars draws a bar for each name with a part for each series, whose Y has
// a value per group, not negative: the time of each operator, for example. A NaN
// is a part that is not there.
func StackedBars(ylabel string, groups []string, series ...Series) (*Figure, error) {
	f, err := newGrouped(ylabel, groups, series)
	if err != nil {
		return nil, err
	}
	base := make([]float64, len(groups))
	for i, s := range series {
		s, err := f.grouped(s, groups)
		if err != nil {
			return nil, err
		}
		r := &rects{look: lookOf(i), outline: true}
		for k, g := range s.X {
			at := int(g)
			top, err := stack(s.Name, base[at], s.Y[k])
			if err != nil {
				return nil, err
			}
			r.add(g-0.35, g+0.35, base[at], top)
			base[at] = top
		}
		f.add(r)
		f.entry(s.Name, r.look, asPatch)
	}
	f.reverseEntries()
	return f, f.fit()
}

// StackedArea draws areas on top of each other over one X, that of the first
// series; the others may leave theirs nil and must not have another. Y is not
// negative.
func StackedArea(xlabel, ylabel string, series ...Series) (*Figure, error) {
	if len(series) == 0 {
		return nil, fmt.Errorf("plots: there is no series")
	}
	f := newFigure(xlabel, ylabel)
	f.x.tight = true
	base := make([]float64, len(series[0].X))
	for i, s := range series {
		if s.X == nil {
			s.X = series[0].X
		}
		p, err := f.points(s)
		if err != nil {
			return nil, err
		}
		if len(p.X) != len(base) || !equal(p.X, series[0].X) {
			return nil, fmt.Errorf("plots: series %q: X is not that of series %q, or there is a NaN", s.Name, series[0].Name)
		}
		b := &band{look: lookOf(i), x: p.X, low: append([]float64(nil), base...), solid: true}
		for k, y := range p.Y {
			if base[k], err = stack(s.Name, base[k], y); err != nil {
				return nil, err
			}
		}
		b.high = append(b.high, base...)
		f.add(b)
		f.entry(s.Name, b.look, asPatch)
	}
	f.reverseEntries()
	return f, f.fit()
}

// stack is the height of a part on top of others.
func stack(name string, base, part float64) (float64, error) {
	if part < 0 {
		return 0, fmt.Errorf("plots: series %q: a part of %g cannot be stacked", name, part)
	}
	if top := base + part; top <= huge {
		return top, nil
	}
	return 0, fmt.Errorf("plots: series %q: the stack is higher than %g", name, huge)
}

// reverseEntries puts the legend into the order of the stack, from the top.
func (f *Figure) reverseEntries() {
	for i, j := 0, len(f.entries)-1; i < j; i, j = i+1, j-1 {
		f.entries[i], f.entries[j] = f.entries[j], f.entries[i]
	}
}

func newGrouped(ylabel string, groups []string, series []Series) (*Figure, error) {
	if len(series) == 0 || len(groups) == 0 {
		return nil, fmt.Errorf("plots: bars of %d series in %d groups", len(series), len(groups))
	}
	f := newFigure("", ylabel)
	f.groupX(groups)
	return f, nil
}

// groupX makes names the marks of the horizontal axis.
func (f *Figure) groupX(groups []string) {
	f.x.groups = append([]string(nil), groups...)
	f.Plot.X.Tick.Marker = groupTicks(f.x.groups)
	// Ticks that are not seen keep the names at their distance.
	f.Plot.X.Tick.Color, f.Plot.X.Tick.Width = color.White, 0.01
}

// grouped is a checked series with the number of the group in X.
func (f *Figure) grouped(s Series, groups []string) (Series, error) {
	if len(s.Y) != len(groups) {
		return s, fmt.Errorf("plots: series %q: %d values for %d groups", s.Name, len(s.Y), len(groups))
	}
	return f.points(s.numbered())
}

func equal(a, b []float64) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// Histogram counts values in equal bins, 1 to 1000, or chooses their number if
// bins is 0: by D. Freedman and P. Diaconis, "On the histogram as a density
// estimator", 1981, of the first series, at most 100. Several series are drawn as
// outlines over the same bins, as shares of each. The values are as those of CDF.
func Histogram(xlabel string, bins int, series ...Series) (*Figure, error) {
	if bins < 0 || bins > 1000 || len(series) == 0 {
		return nil, fmt.Errorf("plots: a histogram of %d series in %d bins", len(series), bins)
	}
	f := newFigure(xlabel, "number of values")
	if len(series) > 1 {
		f.Plot.Y.Label.Text = "share of values"
	}
	values, counts := make([][]float64, len(series)), make([][]float64, len(series))
	lo, hi := math.Inf(1), math.Inf(-1)
	for i, s := range series {
		var err error
		if values[i], counts[i], err = f.values(s); err != nil {
			return nil, err
		}
		for _, v := range values[i] {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	if bins == 0 {
		bins = freedmanDiaconis(newDistribution(values[0], counts[0]), hi-lo, len(values[0]))
	}
	if hi-lo <= 1e-12*max(math.Abs(lo), math.Abs(hi)) {
		lo, hi = (scale{}).room(lo, hi)
	}
	for i, s := range series {
		heights := binned(values[i], counts[i], binning{lo, hi, bins})
		f.entry(s.Name, lookOf(i), f.addBins(i, heights, binning{lo, hi, bins}, len(series) > 1))
	}
	return f, f.fit()
}

// binning is n equal bins from lo to hi.
type binning struct {
	lo, hi float64
	n      int
}

// edge is the lower end of bin i, without the overflow of hi - lo.
func (b binning) edge(i int) float64 {
	t := float64(i) / float64(b.n)
	return b.lo*(1-t) + b.hi*t
}

func binned(values, counts []float64, b binning) []float64 {
	out := make([]float64, b.n)
	for i, v := range values {
		k := int(float64(b.n) * ((v - b.lo) / (b.hi - b.lo)))
		out[min(max(k, 0), b.n-1)] += counts[i]
	}
	return out
}

// addBins draws the bins of one series as bars, or of one of several as a line. It
// says what stands for it in the legend.
func (f *Figure) addBins(i int, heights []float64, b binning, shares bool) entryKind {
	if !shares {
		r := &rects{look: lookOf(i), outline: true}
		for k, h := range heights {
			r.add(b.edge(k), b.edge(k+1), 0, h)
		}
		f.add(r)
		return asPatch
	}
	total := 0.0
	for _, h := range heights {
		total += h
	}
	l := &line{look: lookOf(i), step: true, x: []float64{b.lo}, y: []float64{0}}
	for k, h := range heights {
		l.x, l.y = append(l.x, b.edge(k)), append(l.y, h/total)
	}
	l.x, l.y = append(l.x, b.hi), append(l.y, 0)
	f.add(l)
	return asLine
}

// freedmanDiaconis is the number of bins of the width 2·IQR/∛n.
func freedmanDiaconis(d distribution, width float64, n int) int {
	w := 2 * (d.quantile(0.75) - d.quantile(0.25)) / math.Cbrt(float64(n))
	if !(w > 0) || !(width > 0) {
		return 20
	}
	return int(min(100, max(5, math.Ceil(width/w))))
}
