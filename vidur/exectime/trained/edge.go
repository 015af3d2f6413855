package trained

import (
	"fmt"
	"slices"
	"sort"

	"github.com/govidur/govidur/vidur/exectime"
	"github.com/govidur/govidur/vidur/exectime/profile"
)

// An edge bounds the sizes that were profiled. A size is x: tokens, requests or
// a chunk; and for attention y: cached tokens.
type edge struct {
	xs   []float64 // profiled sizes, ascending
	ys   []float64 // for each, the most cached tokens profiled with it or a larger one; nil without y
	yMin float64   // the fewest cached tokens
	gap  bool      // some step between xs, or ys, is large
}

// newEdge finds the edge of samples; y may be nil.
func newEdge(x, y []float64) *edge {
	e := &edge{xs: distinct(x)}
	e.gap = sparse(e.xs)
	if y == nil {
		return e
	}
	most := map[float64]float64{}
	for i := range x {
		most[x[i]] = max(most[x[i]], y[i])
	}
	e.ys = make([]float64, len(e.xs))
	longest := 0.0
	for i, v := range slices.Backward(e.xs) {
		longest = max(longest, most[v])
		e.ys[i] = longest
	}
	all := distinct(y)
	e.yMin = all[0]
	e.gap = e.gap || sparse(all)
	return e
}

func distinct(v []float64) []float64 {
	v = slices.Clone(v)
	slices.Sort(v)
	return slices.Compact(v)
}

// sparse reports whether somewhere the next size is more than twice as large, and
// more than 8 away, which look-ups are rounded up to.
func sparse(sizes []float64) bool {
	for i := 1; i < len(sizes); i++ {
		if a, b := sizes[i-1], sizes[i]; a > 0 && b > 2*a && b-a > exectime.RoundTokens {
			return true
		}
	}
	return false
}

// project is the next profiled size, or the size itself. Cached tokens give way
// before x does.
func (e *edge) project(x, y float64) (px, py float64) {
	px = min(max(x, e.xs[0]), e.xs[len(e.xs)-1])
	if e.ys == nil {
		return px, 0
	}
	return px, min(max(y, e.yMin), e.longest(px))
}

// longest is the most cached tokens at x, between profiled x by a straight line.
func (e *edge) longest(x float64) float64 {
	i := sort.SearchFloat64s(e.xs, x)
	if i == 0 || i < len(e.xs) && e.xs[i] == x {
		return e.ys[i]
	}
	a, b := e.xs[i-1], e.xs[i]
	return e.ys[i-1] + (e.ys[i]-e.ys[i-1])*(x-a)/(b-a)
}

// describe says what was profiled.
func (e *edge) describe(s *profile.Samples) string {
	n := len(e.xs)
	if e.ys == nil {
		return fmt.Sprintf("%s %g to %g", s.Features[0], e.xs[0], e.xs[n-1])
	}
	what := "requests"
	if s.Features[0] == profile.KVCacheSize {
		what = "chunk"
	}
	text := fmt.Sprintf("%s %g to %g × cached tokens %g to %g", what, e.xs[0], e.xs[n-1], e.yMin, e.ys[0])
	if e.ys[n-1] != e.ys[0] {
		text += fmt.Sprintf(", to %g with the largest", e.ys[n-1])
	}
	return text
}
