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
	fitEntries = 128   // most entries of a distribution, beside those of its quantiles
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

// step is a point of the CDF of a sample: the share p has at most x tokens.
type step struct {
	x int
	p float64
}

// steps are the points between which the CDF is a straight line: on both sides
// of each length.
func (s *sample) steps() []step {
	list := []step{{s.values[0] - 1, 0}}
	for i, v := range s.values {
		if last := list[len(list)-1]; last.x < v-1 {
			list = append(list, step{v - 1, last.p})
		}
		list = append(list, step{v, float64(s.upTo[i]) / float64(s.n)})
	}
	return list
}

// fit makes a CDF of a sample by choosing some of its steps.
func (s *sample) fit() CDF {
	all := s.steps()
	keep := make([]bool, len(all))
	keep[0], keep[len(all)-1] = true, true
	for _, q := range []float64{.5, .9, .99, .999} {
		v := s.quantile(q)
		i, _ := slices.BinarySearchFunc(all, v, func(e step, v int) int { return e.x - v })
		keep[i-1], keep[i] = true, true // both sides of the value, so that it stays the quantile
	}
	for range fitEntries {
		w := furthest(all, keep)
		if w.distance > fitKS {
			keep[w.at] = true
		} else if w.areas > fitMean*s.mean() {
			keep[w.atArea] = true
		} else {
			break
		}
	}
	c := CDF{}
	for i, e := range all {
		if keep[i] {
			c.Tokens, c.P = append(c.Tokens, e.x), append(c.P, math.Round(e.p*1e6)/1e6)
		}
	}
	return c
}

// misfit says where the lines between the steps that are kept are furthest from
// the others.
type misfit struct {
	distance float64 // largest
	at       int     // the step it is at
	areas    float64 // between the lines and the CDF; the mean is off by no more
	atArea   int     // the furthest step within the largest area
}

func furthest(all []step, keep []bool) misfit {
	var w misfit
	largest, from := 0.0, 0
	for to := 1; to < len(all); to++ {
		if !keep[to] {
			continue
		}
		i, distance, area := deviation(all[from : to+1])
		if distance > w.distance {
			w.at, w.distance = from+i, distance
		}
		if area > largest && distance > 0 {
			largest, w.atArea = area, from+i
		}
		w.areas += area
		from = to
	}
	return w
}

// deviation compares steps with the straight line from the first to the last.
func deviation(steps []step) (at int, distance, area float64) {
	a, b := steps[0], steps[len(steps)-1]
	slope := (b.p - a.p) / float64(b.x-a.x)
	for i := 1; i < len(steps); i++ {
		e, before := steps[i], steps[i-1].x
		if d := math.Abs(e.p - (a.p + slope*float64(e.x-a.x))); d > distance && i < len(steps)-1 {
			at, distance = i, d
		}
		middle := float64(before+1+e.x)/2 - float64(a.x)
		area += float64(e.x-before) * (e.p - (a.p + slope*middle))
	}
	return at, distance, math.Abs(area)
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
