package trained

import (
	"cmp"
	"errors"
	"maps"
	"math"
	"slices"
	"sort"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/profile"
)

// surface is a function of a size x and of y, cached tokens or requests, through
// points: straight lines in ln(1+y) between the points of one x, then in ln x
// between two x. Beyond the points it goes on level. It is exact at each point,
// and a few are enough.
type surface struct {
	xs     []float64 // ascending
	curves []curve   // of each x
}

// phase is whether most tokens of a batch are of prompts. The kernels of a step that
// prefills and of one that decodes may differ where their tokens are equally many.
type phase int

const (
	inDecode  phase = 0
	inPrefill phase = 1
)

// y is what the phase adds to y of a surface: less than a request.
func (p phase) y() float64 { return float64(p) / 2 }

// curve is a function of y through points.
type curve struct{ ys, values []float64 }

// place is a point that values are known at.
type place struct{ x, y float64 }

func (p place) compare(q place) int { return cmp.Or(cmp.Compare(p.x, q.x), cmp.Compare(p.y, q.y)) }

// newSurface goes through the means of values at the same place.
func newSurface(places []place, values []float64) *surface {
	type sum struct{ total, n float64 }
	sums := map[place]sum{}
	for i, p := range places {
		sums[p] = sum{sums[p].total + values[i], sums[p].n + 1}
	}
	s := &surface{}
	for _, p := range slices.SortedFunc(maps.Keys(sums), place.compare) {
		if n := len(s.xs); n == 0 || s.xs[n-1] != p.x {
			s.xs, s.curves = append(s.xs, p.x), append(s.curves, curve{})
		}
		c := &s.curves[len(s.curves)-1]
		c.ys, c.values = append(c.ys, p.y), append(c.values, sums[p].total/sums[p].n)
	}
	return s
}

func (s *surface) at(x, y float64) float64 {
	i := sort.SearchFloat64s(s.xs, x)
	switch {
	case i == len(s.xs):
		return s.curves[i-1].at(y)
	case i == 0 || s.xs[i] == x:
		return s.curves[i].at(y)
	}
	a, b := s.curves[i-1].at(y), s.curves[i].at(y)
	from := math.Log1p(s.xs[i-1])
	return a + (b-a)*(math.Log1p(x)-from)/(math.Log1p(s.xs[i])-from)
}

func (c *curve) at(y float64) float64 {
	i := sort.SearchFloat64s(c.ys, y)
	switch {
	case i == len(c.ys):
		return c.values[i-1]
	case i == 0 || c.ys[i] == y:
		return c.values[i]
	}
	from := math.Log1p(c.ys[i-1])
	return c.values[i-1] + (c.values[i]-c.values[i-1])*(math.Log1p(y)-from)/(math.Log1p(c.ys[i])-from)
}

// beyond reports whether x lies outside of the points.
func (s *surface) beyond(x float64) bool { return x < s.xs[0] || x > s.xs[len(s.xs)-1] }

// imported is the time in ms of an imported operator at a size: the analytic one
// times the ratio of the measured to it, which the points give; the points
// themselves where there is no formula. Nothing is rounded, so that what was
// measured comes out as it was.
func (o *operator) imported(x, y int, p phase, beyond *int64) float64 {
	if o.zero || !o.runs {
		return 0
	}
	if o.known.beyond(float64(x)) {
		*beyond++
	}
	v := o.known.at(float64(x), float64(y)+p.y())
	if !hasFormula(o.Op) {
		return v
	}
	return v * o.ref.at(o.Op, x, y)
}

// useImported makes o an imported operator.
func (o *operator) useImported(s *profile.Samples) error {
	places, values := o.places(s)
	if len(places) == 0 {
		return errors.New("the imported times are at sizes that take none")
	}
	o.Source, o.Rows, o.Note, o.Estimator = Imported, len(s.Y), "", "ratio to the analytic model through the points"
	if o.lender > 0 {
		o.Source, o.Note = Transferred, "the same kernel at every degree of tensor parallelism"
	}
	if allZero(s.Y) {
		o.zero, o.Estimator, o.CVError = true, "none", 0
		o.Note = "the imported file has no kernel of it, so it takes 0: what it does is a part of another, or was not traced"
		return nil
	}
	o.known = newSurface(places, values)
	if !hasFormula(o.Op) {
		o.Estimator = "straight lines through the points"
	}
	x, y := sizes(s)
	o.Range = newEdge(x, y).describe(s)
	if e, ok := leftOut(places, values); ok {
		o.CVError = e
	}
	return nil
}

// places are the sizes of samples, and at each the ratio of the measured to the
// analytic time, or the time itself in ms where there is no formula. Sizes of
// which the formula says that they take no time are left out.
func (o *operator) places(s *profile.Samples) (places []place, values []float64) {
	x, y := sizes(s)
	if s.Op == vidur.OpOther {
		y = s.X[1]
	}
	var phases []float64
	if n := len(s.Features) - 1; s.Features[n] == profile.IsPrefill {
		phases = s.X[n]
	}
	for i, ms := range s.Y {
		p, per := place{x: x[i]}, 1.0
		if y != nil {
			p.y = y[i]
		}
		if hasFormula(s.Op) {
			per = o.ref.at(s.Op, int(p.x), int(p.y))
		}
		if phases != nil {
			p.y += phase(phases[i]).y()
		}
		if per > 0 {
			places, values = append(places, p), append(values, ms/per)
		}
	}
	return places, values
}

// maxLeftOut bounds how many places are left out for the error.
const maxLeftOut = 64

// leftOut is the mean absolute error in percent where a place is left out, of as
// many as maxLeftOut that are spread evenly. It is false where there are fewer
// than three.
func leftOut(places []place, values []float64) (percent float64, ok bool) {
	whole := newSurface(places, values)
	distinct := slices.Compact(slices.SortedFunc(slices.Values(places), place.compare))
	if len(distinct) < 3 {
		return 0, false
	}
	step, n := max(1, len(distinct)/maxLeftOut), 0
	for i := 0; i < len(distinct); i += step {
		out := distinct[i]
		truth := whole.at(out.x, out.y)
		if truth <= 0 {
			continue
		}
		var p []place
		var v []float64
		for j := range places {
			if places[j] != out {
				p, v = append(p, places[j]), append(v, values[j])
			}
		}
		percent += 100 * math.Abs(newSurface(p, v).at(out.x, out.y)/truth-1)
		n++
	}
	return percent / float64(max(n, 1)), n > 0
}
