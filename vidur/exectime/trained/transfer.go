package trained

import (
	"maps"
	"math"
	"slices"
)

// correction is a factor on analytic times that depends smoothly on u, which is
// the logarithm of either the analytic time itself or the number of tokens:
//
//	t = a · exp(g(u))
//
// g is the mean log-ratio of measured to analytic times by half octave, drawn to 0
// where one has few rows, and straight lines between. By time it carries over
// between shapes: what times of a size have in common is whether launches,
// bandwidth or compute decide. By tokens it carries over between degrees of
// parallelism, which share the way in which kernels are chosen for so many rows;
// some operators are even the same. By time, ln a + g is made to grow with a, so
// that t does. nil changes nothing.
type correction struct {
	u, g     []float64 // u ascending; log-ratio
	byTokens bool
}

// name is what u is the logarithm of.
func (c *correction) name() string {
	if c.byTokens {
		return "tokens"
	}
	return "time"
}

// point is a measured time of a donor, beside the analytic one.
type point struct {
	analytic, measured float64 // ms
	tokens             float64 // 0 for attention
}

const (
	binWidth   = math.Ln2 / 2
	priorRows  = 4.0 // rows by which a bin is drawn to 0
	leastRatio = 0.2 // measured times that are further from analytic ones, either way, are taken for another thing
)

// fitCorrection fits to the points of several donors, each of the same weight.
func fitCorrection(donors [][]point, byTokens bool) *correction {
	type bin struct{ u, g, weight, rows float64 }
	bins := map[int]*bin{}
	c := &correction{byTokens: byTokens}
	for _, points := range donors {
		for _, p := range points {
			if !p.usable() {
				continue
			}
			u := c.coordinate(p.analytic, p.tokens)
			k := int(math.Floor(u / binWidth))
			if bins[k] == nil {
				bins[k] = &bin{}
			}
			b, w := bins[k], 1/float64(len(points))
			b.u += w * u
			b.g += w * math.Log(p.measured/p.analytic)
			b.weight += w
			b.rows++
		}
	}
	for _, k := range slices.Sorted(maps.Keys(bins)) {
		b := bins[k]
		u, g := b.u/b.weight, b.g/b.weight*b.rows/(b.rows+priorRows)
		if n := len(c.u); n > 0 && !byTokens {
			g = max(g, c.u[n-1]+c.g[n-1]-u) // t grows
		}
		c.u, c.g = append(c.u, u), append(c.g, g)
	}
	return c
}

// coordinate is u.
func (c *correction) coordinate(ms, tokens float64) float64 {
	if c.byTokens {
		return math.Log(tokens)
	}
	return math.Log(ms)
}

func (p *point) usable() bool {
	r := p.measured / p.analytic
	return p.analytic > 0 && r > leastRatio && r < 1/leastRatio
}

// apply corrects an analytic time, in ms, of so many tokens.
func (c *correction) apply(ms, tokens float64) float64 {
	if c == nil || len(c.u) == 0 || !(ms > 0) {
		return ms
	}
	u, last := c.coordinate(ms, tokens), len(c.u)-1
	i := 0
	for i <= last && c.u[i] < u {
		i++
	}
	g := 0.0
	switch {
	case i == 0:
		g = c.g[0]
	case i > last:
		g = c.g[last]
	default:
		g = c.g[i-1] + (c.g[i]-c.g[i-1])*(u-c.u[i-1])/(c.u[i]-c.u[i-1])
	}
	return ms * math.Exp(g)
}

// errorOf is the mean absolute error in percent of corrected times.
func errorOf(c *correction, points []point) float64 {
	sum, n := 0.0, 0
	for _, p := range points {
		if p.usable() {
			sum += math.Abs(c.apply(p.analytic, p.tokens)/p.measured - 1)
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return 100 * sum / float64(n)
}

// best is the correction that errs least on donors that it was not fitted to,
// with that error in percent, and the error without a correction. It is nil if
// that is the least.
func best(donors [][]point) (c *correction, with, without float64) {
	for _, points := range donors {
		without += errorOf(nil, points) / float64(len(donors))
	}
	with = without
	for _, byTokens := range []bool{false, true} {
		if byTokens && donors[0][0].tokens == 0 {
			continue
		}
		e := 0.0
		for i, points := range donors {
			others := slices.Concat(donors[:i:i], donors[i+1:])
			e += errorOf(fitCorrection(others, byTokens), points) / float64(len(donors))
		}
		if e < with {
			c, with = fitCorrection(donors, byTokens), e
		}
	}
	return c, with, without
}
