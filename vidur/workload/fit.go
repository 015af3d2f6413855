package workload

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

const (
	fitKS      = 0.004 // largest distance of a fitted distribution from the trace's
	fitMean    = 0.005 // sum of the errors of a mean, relative
	fitEntries = 128   // most entries of a distribution
	fitDraws   = 1 << 18
	fitScale   = 100_000 // of the cells of a Joint
)

// Fit makes a Model of the lengths of a trace: prefill[i] prompt and decode[i]
// generated tokens of request i. It needs at least 100 requests.
//
// Each distribution becomes a CDF whose entries are placed where they are
// needed: first at the median, P90, P99 and P99.9, then where the CDF is
// furthest from the trace's, until it is nowhere further than 0.004; then where
// most of the error of the mean comes from. The dependence becomes a grid of
// cells that is finer towards both ends. Info.Fit says how close 262,144
// draws of the model come to the trace; Info.Name and Info.Source are left to the caller.
//
// The same trace gives the same Model.
func Fit(prefill, decode []int) (Model, error) {
	if len(prefill) != len(decode) {
		return Model{}, fmt.Errorf("workload: Fit has %d prompts and %d answers", len(prefill), len(decode))
	}
	if len(prefill) < 100 {
		return Model{}, fmt.Errorf("workload: Fit has %d requests; it needs at least 100", len(prefill))
	}
	m := Model{Info: Info{Requests: len(prefill)}}
	for i := range prefill {
		if err := first(tokens("prefill", prefill[i]), tokens("decode", decode[i])); err != nil {
			return Model{}, fmt.Errorf("request %d: %w", i, err)
		}
		m.MaxTokens = max(m.MaxTokens, prefill[i]+decode[i])
	}
	p, d := newSample(prefill), newSample(decode)
	m.Prefill, m.Decode = p.fit(), d.fit()
	m.Joint = fitJoint(p, d)
	gotP, gotD, err := m.draws(fitDraws)
	if err != nil {
		return Model{}, err
	}
	m.Fit = append(compare("prefill", p, newSample(gotP)), compare("decode", d, newSample(gotD))...)
	m.Fit = append(m.Fit,
		Figure{"prefill/decode P50", medianRatio(prefill, decode), medianRatio(gotP, gotD)}.rounded(),
		Figure{"rank correlation", p.spearman(d), newSample(gotP).spearman(newSample(gotD))}.rounded())
	return m, nil
}

// draws draws n requests, always the same ones.
func (m Model) draws(n int) (prefill, decode []int, err error) {
	next, err := m.Start(rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		return nil, nil, err
	}
	prefill, decode = make([]int, n), make([]int, n)
	for i := range prefill {
		prefill[i], decode[i] = next()
	}
	return prefill, decode, nil
}

// compare lists the figures of one length in a trace and in draws of its model.
func compare(name string, trace, drawn *sample) []Figure {
	list := []Figure{{name + " KS", 0, trace.distance(drawn)}, {name + " mean", trace.mean(), drawn.mean()}}
	for _, q := range []struct {
		name string
		p    float64
	}{{" P50", .5}, {" P90", .9}, {" P99", .99}} {
		list = append(list, Figure{name + q.name, float64(trace.quantile(q.p)), float64(drawn.quantile(q.p))})
	}
	for i := range list {
		list[i] = list[i].rounded()
	}
	return list
}

// fit makes a CDF of a sample.
func (s *sample) fit() CDF {
	last := len(s.values) - 1
	keep := make([]bool, len(s.values)+1) // of the points 0 (below all) … last+1
	keep[0], keep[last+1] = true, true
	count := 2
	add := func(i int) {
		if !keep[i] {
			keep[i] = true
			count++
		}
	}
	for _, q := range []float64{.5, .9, .99, .999} {
		i, _ := slices.BinarySearch(s.values, s.quantile(q))
		add(i) // both sides of the value, so that it stays the quantile
		add(i + 1)
	}
	for count < fitEntries {
		worst, furthest, area, mean := s.worst(keep)
		if furthest > fitKS {
			add(worst)
		} else if math.Abs(area) > fitMean*s.mean() {
			add(mean)
		} else {
			break
		}
	}
	c := CDF{}
	for i := range keep {
		if keep[i] {
			x, p := s.point(i)
			c.Tokens, c.P = append(c.Tokens, x), append(c.P, math.Round(p*1e6)/1e6)
		}
	}
	return c
}

// point is a point of the sample's CDF: i = 0 is below the smallest value.
func (s *sample) point(i int) (tokens int, p float64) {
	if i == 0 {
		return s.values[0] - 1, 0
	}
	return s.values[i-1], float64(s.upTo[i-1]) / float64(s.n)
}

// worst finds the point furthest from the straight lines between the points that
// are kept, the sum of the areas between the lines and the CDF (s. the mean is
// off by as much), and the furthest point of the segment with the largest area.
func (s *sample) worst(keep []bool) (at int, furthest, areas float64, atMean int) {
	largest, from := -1.0, 0
	for to := 1; to < len(keep); to++ {
		if !keep[to] {
			continue
		}
		i, dev, area := s.deviation(from, to)
		if dev > furthest {
			at, furthest = i, dev
		}
		if a := math.Abs(area); a > largest && dev > 0 {
			largest, atMean = a, i
		}
		areas += math.Abs(area)
		from = to
	}
	return at, furthest, areas, atMean
}

// deviation compares the CDF with a straight line between two of its points.
func (s *sample) deviation(from, to int) (at int, furthest, area float64) {
	x0, p0 := s.point(from)
	x1, p1 := s.point(to)
	slope := (p1 - p0) / float64(x1-x0)
	at = from
	for i := from + 1; i < to; i++ {
		x, p := s.point(i)
		before, pBefore := s.point(i - 1)
		// The CDF is a step function, so it is furthest at the end of a step too.
		high := p - (p0 + slope*float64(x-x0))
		low := p0 + slope*float64(x-1-x0) - pBefore
		if dev := max(math.Abs(high), math.Abs(low)); dev > furthest {
			at, furthest = i, dev
		}
		middle := float64(x+before-1)/2 - float64(x0)
		area += float64(x-before) * (pBefore - (p0 + slope*middle))
	}
	x, p := s.point(to - 1)
	middle := float64(x1+x-1)/2 - float64(x0)
	area += float64(x1-x) * (p - (p0 + slope*middle))
	return at, furthest, area
}

// jointEdges are finer towards the ends, where a limit on the total length
// makes the lengths depend on each other most.
func jointEdges() []float64 {
	return []float64{0, .005, .01, .02, .035, .05, .075, .1, .15, .2, .3, .4, .5, .6, .7, .8, .9, .95, .97, .98, .985, .99, .995, 1}
}

// fitJoint counts the requests in the cells of a grid of ranks. Equal lengths
// share a range of ranks, over which each is spread.
func fitJoint(p, d *sample) Joint {
	edges := jointEdges()
	n := len(edges) - 1
	share := make([]float64, n*n)
	for k := range p.rank {
		p0, p1 := p.ranks(k)
		d0, d1 := d.ranks(k)
		for i := range n {
			a := overlap(p0, p1, edges[i], edges[i+1])
			if a == 0 {
				continue
			}
			for j := range n {
				share[i*n+j] += a * overlap(d0, d1, edges[j], edges[j+1]) / float64(p.n)
			}
		}
	}
	return newJoint(edges, share)
}

// newJoint makes whole numbers of the shares of the cells.
func newJoint(edges, share []float64) Joint {
	n := len(edges) - 1
	joint := Joint{Edges: edges, Scale: fitScale, Cells: make([][]int, n)}
	// Round the running sum, so that the total is exact.
	sum, given := 0.0, 0
	for i := range joint.Cells {
		for j := range n {
			sum += share[i*n+j]
			c := int(math.Round(sum*fitScale)) - given
			joint.Cells[i], given = append(joint.Cells[i], c), given+c
		}
	}
	joint.Cells[n-1][n-1] += fitScale - given
	return joint
}

// overlap is the part of [a0, a1] that is in [b0, b1].
func overlap(a0, a1, b0, b1 float64) float64 {
	return max(0, min(a1, b1)-max(a0, b0)) / (a1 - a0)
}
