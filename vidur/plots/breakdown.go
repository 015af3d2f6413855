package plots

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/govidur/govidur/vidur/breakdown"
)

// partLooks gives what is alike one colour: work is sky blue, what it shares with
// others orange, and each limit and the wait that is next to it another one.
var partLooks = [breakdown.NumParts]look{
	breakdown.Router:       {color: palette[0], hatch: 1},
	breakdown.Iteration:    {color: palette[2], hatch: 2},
	breakdown.Slots:        {color: palette[0]},
	breakdown.Tokens:       {color: palette[2]},
	breakdown.Memory:       {color: palette[3]},
	breakdown.Policy:       {color: palette[6]},
	breakdown.LeftOut:      {color: palette[6], hatch: 4},
	breakdown.Preempted:    {color: palette[3], hatch: 3},
	breakdown.Bubble:       {color: palette[7]},
	breakdown.CPU:          {color: palette[5], hatch: 5},
	breakdown.Interference: {color: palette[1]},
	breakdown.Recompute:    {color: palette[4], hatch: 1},
	breakdown.Compute:      {color: palette[4]},
}

// percentiles are the edges of the groups of a Breakdown: finer where it is slow.
var percentiles = [...]int{0, 25, 50, 75, 90, 95, 99, 100}

// Breakdown draws where the time of requests went: sorted by the sum of the parts
// that of says, for example (*breakdown.Request).All or those up to the first
// token, a bar for each range of percentiles (up to the 25th, from there to the
// 50th, to the 75th, 90th, 95th, 99th and 100th), with the mean of each part that
// any request has. A part has the same colour in every figure. Of less than 100
// requests, some ranges have none and no bar.
func Breakdown(ylabel string, requests []breakdown.Request, of func(r *breakdown.Request) breakdown.Parts) (*Figure, error) {
	if len(requests) == 0 || of == nil {
		return nil, fmt.Errorf("plots: a breakdown of %d requests", len(requests))
	}
	means, groups := percentileMeans(requests, of)
	f := newFigure("requests, up to percentile", ylabel)
	f.groupX(groups)
	base := make([]float64, len(groups))
	for p := breakdown.NumParts - 1; p >= 0; p-- {
		r := &rects{look: partLooks[p]}
		for g := range groups {
			if h := means[g][p]; h > 0 {
				r.add(float64(g)-0.35, float64(g)+0.35, base[g], base[g]+h)
				base[g] += h
			}
		}
		if len(r.x0) > 0 {
			f.add(r)
			f.entry(breakdown.Part(p).String(), r.look, asPatch)
		}
	}
	f.reverseEntries()
	return f, f.fit()
}

// percentileMeans are the mean parts of the groups, and their names.
func percentileMeans(requests []breakdown.Request, of func(r *breakdown.Request) breakdown.Parts) (means []breakdown.Parts, groups []string) {
	all := make([]breakdown.Parts, len(requests))
	for i := range requests {
		all[i] = of(&requests[i])
	}
	slices.SortStableFunc(all, func(a, b breakdown.Parts) int { return cmp.Compare(a.Sum(), b.Sum()) })
	for g, low := range percentiles[:len(percentiles)-1] {
		high := percentiles[g+1]
		group := all[len(all)*low/100 : len(all)*high/100]
		var mean breakdown.Parts
		for _, p := range group {
			mean = mean.Plus(p)
		}
		for p := range mean {
			mean[p] /= float64(max(1, len(group)))
		}
		means, groups = append(means, mean), append(groups, strconv.Itoa(high))
	}
	return means, groups
}
