package plots

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/stat"

	"github.com/govidur/govidur/vidur/breakdown"
	"github.com/govidur/govidur/vidur/internal/student"
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
// any request has. A part has the same colour in every figure; those that would not
// be seen, less than a hundredth of the tallest bar in each, are the others, together.
// Of less than 100 requests, some ranges have none and no bar.
func Breakdown(ylabel string, requests []breakdown.Request, of func(r *breakdown.Request) breakdown.Parts) (*Figure, error) {
	if len(requests) == 0 || of == nil {
		return nil, fmt.Errorf("plots: a breakdown of %d requests", len(requests))
	}
	means, groups := percentileMeans(requests, of)
	f := newFigure("requests, up to percentile", ylabel)
	f.groupX(groups)
	f.stackParts(means)
	return f, f.fit()
}

// BreakdownBars draws where the mean time of requests went in several cases, as
// under several schedulers: a bar for each name, with the parts in the colours of
// Breakdown. For each name runs has the parts of one or more runs, as breakdown.Mean
// gives them of runs that differ in their seeds. The bar is their mean; of several,
// an error bar has the 95 % interval of the mean of their sums, by Student's t, which
// assumes that runs are independent and their sums normally distributed.
func BreakdownBars(ylabel string, names []string, runs ...[]breakdown.Parts) (*Figure, error) {
	if len(names) == 0 || len(runs) != len(names) {
		return nil, fmt.Errorf("plots: a breakdown of %d names and the runs of %d", len(names), len(runs))
	}
	means, errs := make([]breakdown.Parts, len(names)), &errorBars{look: look{color: palette[5]}}
	for g, list := range runs {
		if len(list) == 0 {
			return nil, fmt.Errorf("plots: a breakdown without a run of %q", names[g])
		}
		sums := make([]float64, len(list))
		for i, p := range list {
			means[g], sums[i] = means[g].Plus(p), p.Sum()
		}
		for p := range means[g] {
			means[g][p] /= float64(len(list))
		}
		if len(list) > 1 {
			half := student.Half(len(list), stat.Variance(sums, nil), 0.95)
			errs.x, errs.y = append(errs.x, float64(g)), append(errs.y, means[g].Sum())
			errs.low, errs.high = append(errs.low, min(half, means[g].Sum())), append(errs.high, half)
		}
	}
	f := newFigure("", ylabel)
	f.groupX(names)
	f.stackParts(means)
	if len(errs.x) > 0 {
		f.add(errs)
	}
	return f, f.fit()
}

// stackParts draws a bar for each group, whose parts stand on each other.
func (f *Figure) stackParts(groups []breakdown.Parts) {
	tallest := 0.0
	for _, g := range groups {
		tallest = max(tallest, g.Sum())
	}
	base, others := make([]float64, len(groups)), make([]float64, len(groups))
	stack := func(name string, l look, height func(g int) float64) {
		r := &rects{look: l}
		for g := range groups {
			if h := height(g); h > 0 {
				r.add(float64(g)-0.35, float64(g)+0.35, base[g], base[g]+h)
				base[g] += h
			}
		}
		if len(r.x0) > 0 {
			f.add(r)
			f.entry(name, r.look, asPatch)
		}
	}
	for p := breakdown.NumParts - 1; p >= 0; p-- {
		most := 0.0
		for _, g := range groups {
			most = max(most, g[p])
		}
		if most >= tallest/100 {
			stack(strings.ReplaceAll(breakdown.Part(p).String(), "_", " "), partLooks[p], func(g int) float64 { return groups[g][p] })
			continue
		}
		for g := range groups {
			others[g] += groups[g][p]
		}
	}
	stack("others", look{color: grey}, func(g int) float64 { return others[g] })
	f.reverseEntries()
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
