package search

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/govidur/govidur/vidur/spec"
)

// comparePlan is what the options of Compare come to.
type comparePlan struct {
	given        bool // any of them
	replications int  // of the first look
	most         int  // of the last look; 0 means that there is one look
	within       float64
	confidence   float64
	figures      []string
}

const (
	defaultReplications = 10
	defaultConfidence   = 0.95
)

// Replications sets how many pairs of runs [Compare] makes, 10 by default, and
// with how many seeds [Capacity] searches each point, 1 by default. It is at least
// 1; with [Precision] it is the number of the first look.
func Replications(n int) Option {
	return func(p *plan) {
		if n < 1 {
			p.fail(fmt.Errorf("%d replications; there must be at least 1", n))
		}
		p.compare.given, p.compare.replications = true, n
	}
}

// Confidence sets the level of the intervals of [Compare] and [Capacity], above 0
// and below 1; 0.95 by default.
func Confidence(level float64) Option {
	return func(p *plan) {
		if !(level > 0 && level < 1) {
			p.fail(fmt.Errorf("confidence %g must be above 0 and below 1", level))
		}
		p.compare.given, p.compare.confidence = true, level
	}
}

// Figures sets what [Compare] compares, by the names of columns, the first
// being what its verdict is about. The default is ttft_p99_s, ttft_mean_s,
// tbt_p99_s, e2e_mean_s and output_tokens_per_s. Each interval stands for
// itself: of twenty figures that do not differ, one is expected to seem to at
// 95 %.
func Figures(names ...string) Option {
	return func(p *plan) { p.compare.given, p.compare.figures = true, names }
}

// Precision makes [Compare] replicate until the interval of every figure is at
// most mean ± relative × |mean of a|, or most pairs have been run. It looks
// after the first [Replications], and each time their number has doubled.
//
// Looking often finds differences by chance. So the intervals are widened for
// the number of looks that there may be (Bonferroni: each look's are at the
// level 1 - (1 - confidence) / looks). With the probability of the confidence
// those of all looks hold at once, and so does the one at which it stops,
// whatever made it stop.
func Precision(relative float64, most int) Option {
	return func(p *plan) {
		if !(relative > 0) || most < 2 {
			p.fail(fmt.Errorf("precision %g with at most %d replications: they must be above 0 and at least 2", relative, most))
		}
		p.compare.given, p.compare.within, p.compare.most = true, relative, most
	}
}

// Comparison is what [Compare] found.
type Comparison struct {
	A, B         string // the points' labels
	Replications int    // pairs of runs
	Confidence   float64
	Looks        int  // that there might have been
	Precise      bool // the bound of [Precision] is reached; false without one

	// SameRequests tells that in every replication both had the same arrivals
	// and lengths. Where they differ, as they do in closed loops and for other
	// workloads, the pairing is still right but gains little.
	SameRequests bool

	Differences []Difference // in the order of [Figures]
}

// Compare runs two variants of base on the same requests, several times, and
// says by how much they differ. The axes must come to exactly two points: a,
// which is the first, and b. Replication i adds i to the seeds of both, so that
// arrivals and lengths are the same for both and other ones in each
// replication; what is compared are the differences of pairs. A run that fails,
// or a ctx that ends, is an error, and so is a figure that a run has no value
// of.
func Compare(ctx context.Context, base *spec.Experiment, options ...Option) (*Comparison, error) {
	p, err := newPlan(options)
	if err != nil {
		return nil, err
	}
	if p.keep != nil || p.watch != nil || p.capacity.given || p.shards > 0 {
		return nil, errors.New("search: Compare keeps no stores, has no parts and takes neither Watch nor options of Capacity")
	}
	p.spill = ""
	columns, err := p.compare.complete(p.figures)
	if err != nil {
		return nil, err
	}
	l, err := p.grid(base)
	if err != nil {
		return nil, err
	}
	if l.n != 2 {
		return nil, fmt.Errorf("search: Compare is of two points; the axes come to %d", l.n)
	}
	arms := []job{l.job(0), l.job(1)}
	looks := p.compare.looks()
	c := &Comparison{A: arms[0].point.label(), B: arms[1].point.label(), Confidence: p.compare.confidence, Looks: len(looks), SameRequests: true}
	x := &experiment{plan: p, arms: arms, builds: newBuilds(base.Seed), report: p.report(2 * looks[len(looks)-1]), columns: columns}
	for _, n := range looks {
		if err := x.replicate(ctx, n, c); err != nil {
			return nil, err
		}
		if c.sum(x); c.Precise {
			break
		}
	}
	return c, nil
}

// complete puts defaults in and finds the figures.
func (c *comparePlan) complete(all []figure) ([]int, error) {
	if c.replications == 0 {
		c.replications = defaultReplications
	}
	if c.confidence == 0 {
		c.confidence = defaultConfidence
	}
	if len(c.figures) == 0 {
		c.figures = []string{"ttft_p99_s", "ttft_mean_s", "tbt_p99_s", "e2e_mean_s", "output_tokens_per_s"}
	}
	var names []string
	for _, f := range all {
		names = append(names, f.name)
	}
	columns := make([]int, len(c.figures))
	for i, name := range c.figures {
		if columns[i] = slices.Index(names, name); columns[i] < 0 {
			return nil, fmt.Errorf("search: %w", spec.Unknown("figure", name, names))
		}
	}
	return columns, nil
}

// looks are the numbers of replications after which the precision is looked at.
func (c *comparePlan) looks() []int {
	looks := []int{c.replications}
	if c.most == 0 {
		return looks
	}
	n := min(max(c.replications, 2), c.most)
	for looks[0] = n; n < c.most; {
		n = min(2*n, c.most)
		looks = append(looks, n)
	}
	return looks
}

// experiment is a comparison at work.
type experiment struct {
	plan    *plan
	arms    []job
	builds  *builds
	report  func(*Row)
	columns []int // of the figures that are compared
	rows    []Row // a, b, a, b, …
}

// replicate runs the pairs up to the n-th.
func (x *experiment) replicate(ctx context.Context, n int, c *Comparison) error {
	var jobs []job
	for i := len(x.rows) / 2; i < n; i++ {
		for _, arm := range x.arms {
			e := &arm.experiment
			e.Seed, e.GeneratorSeed, e.LengthSeed = e.Seed+uint64(i), e.GeneratorSeed+uint64(i), e.LengthSeed+uint64(i)
			arm.point = append(slices.Clone(arm.point), Coordinate{"replication", i})
			jobs = append(jobs, arm)
		}
	}
	rows := x.plan.run(ctx, x.builds, listOf(jobs), x.report).rows
	for i := range rows {
		switch err := rows[i].Err; {
		case errors.Is(err, ErrNotRun):
			return context.Cause(ctx)
		case err != nil:
			return err
		}
		for _, column := range x.columns {
			if v := rows[i].Figures[column]; v-v != 0 {
				return &PointError{rows[i].Point, fmt.Errorf("%s is %g", x.plan.figures[column].name, v)}
			}
		}
		if i%2 == 1 && rows[i].requests != rows[i-1].requests {
			c.SameRequests = false
		}
	}
	x.rows = append(x.rows, rows...)
	return nil
}

// sum compares what there is.
func (c *Comparison) sum(x *experiment) {
	c.Replications = len(x.rows) / 2
	c.Precise = x.plan.compare.most > 0
	c.Differences = nil
	level := 1 - (1-c.Confidence)/float64(c.Looks)
	for _, column := range x.columns {
		var a, b []float64
		for i := 0; i < len(x.rows); i += 2 {
			a, b = append(a, x.rows[i].Figures[column]), append(b, x.rows[i+1].Figures[column])
		}
		d := difference(a, b, level)
		f := x.plan.figures[column]
		d.Figure, d.Label, d.names, d.says = f.name, f.label, [2]string{c.A, c.B}, c.Confidence
		c.Differences = append(c.Differences, d)
		if half := (d.High - d.Low) / 2; !(half <= x.plan.compare.within*math.Abs(d.MeanA)) {
			c.Precise = false
		}
	}
}
