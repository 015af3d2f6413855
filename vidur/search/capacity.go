package search

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/spec"
)

// capacityPlan is what the options of Capacity come to.
type capacityPlan struct {
	given    bool // any of them
	criteria []Criterion
	grain    float64
	probes   int
	original bool
	early    float64 // confidence; 0 is exact
}

const (
	defaultGranularity = 0.025 // the original's
	defaultProbes      = 40
)

// Meet sets what [Capacity] asks of a run: all of the criteria. The default is
// the original's, Percentile("delay", 99, 5).
func Meet(criteria ...Criterion) Option {
	return func(p *plan) {
		if len(criteria) == 0 {
			p.fail(errors.New("Meet without a criterion"))
		}
		for _, c := range criteria {
			p.fail(c.check())
		}
		p.capacity.given, p.capacity.criteria = true, criteria
	}
}

// Granularity sets how far apart the rates are that [Capacity] tries, as a
// fraction: 0.025 by default, above 0 and up to 1.
func Granularity(fraction float64) Option {
	return func(p *plan) {
		if !(fraction >= 1e-6 && fraction <= 1) {
			p.fail(fmt.Errorf("granularity %g must be from 0.000001 to 1", fraction))
		}
		p.capacity.given, p.capacity.grain = true, fraction
	}
}

// Probes sets how many rates [Capacity] tries at a point at most; 40 by default,
// which is more than it ever needs at the default granularity, and 20 with
// [OriginalSearch]. With too few the bracket stays wide.
func Probes(most int) Option {
	return func(p *plan) {
		if most < 1 {
			p.fail(fmt.Errorf("%d probes; there must be at least 1", most))
		}
		p.capacity.given, p.capacity.probes = true, most
	}
}

// Capacity finds at every point of the grid of the axes the highest rate, in
// requests per s, at which a run meets the criteria of [Meet]; see Capacity in
// the package's documentation. It begins near what a neighbour in the grid can
// take. With [Replications] each point is searched with that many seeds, the
// experiment's and those that follow it.
//
// Errors and the end of ctx are as with [Sweep]. A point that cannot run is an
// error of its row, and one that meets the criteria at no rate has capacity 0.
func Capacity(ctx context.Context, base *spec.Experiment, options ...Option) (*Results, error) {
	p, err := newPlan(options)
	if err != nil {
		return nil, err
	}
	if err := p.completeCapacity(); err != nil {
		return nil, err
	}
	l, err := p.grid(base)
	if err != nil {
		return nil, err
	}
	if err := p.begin(base, l.n); err != nil {
		return nil, err
	}
	n := p.compare.replications
	if n > 1 {
		p.spill = ""
	}
	s := newCapacitySearch(p, n*l.n)
	p.do = s.solve
	t := p.run(ctx, newBuilds(base.Seed), l.replicated(n), p.report(n*l.n))
	t.rows = s.sum(t.rows)
	return p.results(ctx, t)
}

// replicated is the list with each n times, with seeds that follow each other.
func (l *list) replicated(n int) *list {
	return &list{n: n * l.n, point: func(i int) Point { return l.point(i / n) }, make: func(i int) job {
		j := l.make(i / n)
		e, more := &j.experiment, uint64(i%n)
		e.Seed, e.GeneratorSeed, e.LengthSeed = e.Seed+more, e.GeneratorSeed+more, e.LengthSeed+more
		return j
	}}
}

// completeCapacity puts defaults in and the figures before the others.
func (p *plan) completeCapacity() error {
	c := &p.capacity
	if p.compare.figures != nil || p.compare.most > 0 {
		return errors.New("search: Figures and Precision are options of Compare")
	}
	if p.watch != nil {
		return errors.New("search: Watch is an option of Sweep")
	}
	for _, a := range p.axes {
		if slices.Contains(a.names, "qps") && !c.original {
			return errors.New("search: qps is what Capacity searches, and no axis of it")
		}
	}
	if c.criteria == nil {
		c.criteria = []Criterion{Percentile("delay", 99, 5)}
	}
	if c.grain == 0 {
		c.grain = defaultGranularity
	}
	if c.probes == 0 {
		if c.probes = defaultProbes; c.original {
			c.probes = originalIterations
		}
	}
	p.compare.replications = max(p.compare.replications, 1)
	if p.compare.confidence == 0 {
		p.compare.confidence = defaultConfidence
	}
	p.figures = append(capacityFigures(), p.figures...)
	if p.fail(p.checkNames()); p.err != nil {
		return p.err
	}
	if c.original {
		return originalCriteria(c.criteria)
	}
	return nil
}

// capacitySearch is a search of a grid under way.
type capacitySearch struct {
	plan    *plan
	answers []answer // by job; none if no search begins with another's answer
}

func newCapacitySearch(p *plan, jobs int) *capacitySearch {
	s := &capacitySearch{plan: p}
	if !p.alone() {
		s.answers = make([]answer, jobs)
	}
	for i := range s.answers {
		s.answers[i].done = make(chan struct{})
	}
	return s
}

// answer is that of a job.
func (s *capacitySearch) answer(index int) *answer {
	if s.answers == nil {
		return &answer{done: make(chan struct{})}
	}
	return &s.answers[index]
}

// answer is what was found for a job.
type answer struct {
	bracket
	done         chan struct{} // closed when all else is known
	estimate     float64       // requests per s
	requests     float64       // of a probe
	gpus, perUSD float64       // GPUs, and $ per hour of all; NaN if a price is not stated
}

// solve finds the capacity of a job and makes its row of a run at it.
func (s *capacitySearch) solve(ctx context.Context, b *builds, j *job, row *Row) error {
	a := s.answer(j.index)
	defer close(a.done)
	run, err := b.ready(j)
	if err != nil {
		return err
	}
	l, err := newLoad(run, &j.experiment)
	if err != nil {
		return err
	}
	a.price(run.Config.Replicas)
	a.requests = float64(len(l.list))
	pr := &prober{ctx: ctx, run: run, load: l, plan: &s.plan.capacity, seed: j.experiment.Seed, memo: s.plan.memo(b, j)}
	defer func() { row.Probes = pr.tried }()
	if s.plan.capacity.original {
		a.bracket, err = pr.searchOriginal(j.experiment.QPS, j.experiment.Original)
	} else {
		a.estimate = estimate(run, &j.experiment, l, s.plan.capacity.criteria)
		guess, stride := s.guess(ctx, j.index, a.estimate, l.rate)
		a.bracket, err = pr.searchLadder(guess, stride)
	}
	if err != nil {
		a.bracket = bracket{}
		return err
	}
	o := &outcome{answer: a}
	if a.under == 0 {
		row.Figures = none(len(s.plan.figures))
		for i, f := range capacityFigures() {
			row.Figures[i] = f.of(o)
		}
		return nil
	}
	pr.pace(a.under)
	return s.plan.measure(ctx, run, row, o)
}

func (a *answer) price(replicas []vidur.ReplicaSpec) {
	a.gpus, a.perUSD = 0, 0
	for i := range replicas {
		n := float64(replicas[i].GPUs())
		a.gpus += n
		a.perUSD += where(replicas[i].Device.Price > 0, float64(n*replicas[i].Device.Price))
	}
}

// guess is where the search of a job begins, and with what stride: at what its
// donor can take, times the ratio of the estimates of both. Donors come before
// in the grid, so a worker that waits for one waits for a job that is under way,
// and which one it is does not depend on workers. own is the job's estimate, and
// rate what the experiment says, where nothing else is known.
func (s *capacitySearch) guess(ctx context.Context, index int, own, rate float64) (qps float64, stride int) {
	if donor := s.donor(index); donor >= 0 {
		d := &s.answers[donor]
		select {
		case <-d.done:
		case <-ctx.Done():
			return rate, 1
		}
		if d.under > 0 && d.over < math.Inf(1) {
			if own > 0 && d.estimate > 0 {
				return d.under * own / d.estimate, s.plan.rungs(0.05)
			}
			return d.under, s.plan.rungs(0.1)
		}
	}
	const share = 0.8 // of the throughput, about, that leaves latencies bearable
	if own > 0 && own < math.Inf(1) {
		return share * own, s.plan.rungs(0.1)
	}
	return rate, s.plan.rungs(1)
}

// rungs is how many steps of the granularity make a relative distance, at least 1.
func (p *plan) rungs(distance float64) int {
	return max(1, int(math.Round(math.Log1p(distance)/math.Log1p(p.capacity.grain))))
}

// donor is the job whose capacity another one begins with; -1 if there is none.
// Of replications it is the first. Of points it is the one whose place on the
// last axis, on which the place is not 0, is that place without its lowest bit:
// a near one, while half of all points never wait for each other.
func (s *capacitySearch) donor(index int) int {
	n := s.plan.compare.replications
	if s.plan.alone() {
		return -1
	}
	if r := index % n; r > 0 {
		return index - r
	}
	point, stride := index/n, 1
	for k := len(s.plan.axes) - 1; k >= 0; k-- {
		steps := len(s.plan.axes[k].steps)
		if place := point / stride % steps; place > 0 {
			return index - (place&-place)*stride*n
		}
		stride *= steps
	}
	return -1
}

// prober runs a deployment at rates.
type prober struct {
	ctx  context.Context
	run  *spec.Run
	load *load
	plan *capacityPlan

	seed  uint64
	memo  *memo
	tried []Probe
}

// try makes a probe, or recalls it, and takes it down.
func (pr *prober) try(qps float64, probe func() (Probe, error)) (Probe, error) {
	p, err := pr.memo.do(qps, func() (Probe, error) {
		p, err := probe()
		p.Seed, p.QPS = pr.seed, qps
		return p, err
	})
	if err == nil {
		pr.tried = append(pr.tried, p)
	}
	return p, err
}

// pace sets the rate, requests per s, and returns the factor of the load's times.
func (pr *prober) pace(qps float64) float64 {
	factor := pr.load.rate / qps
	pr.run.Config.NewWorkload = pr.load.at(factor)
	return factor
}

// meets reports whether a rate meets the criteria.
func (pr *prober) meets(qps float64) (bool, error) {
	p, err := pr.try(qps, func() (Probe, error) {
		met, err := pr.judge(qps)
		return Probe{Met: met, Latency: math.NaN()}, err
	})
	return p.Met, err
}

// searchLadder searches from a guess on; see ladder.
func (pr *prober) searchLadder(guess float64, stride int) (bracket, error) {
	l := ladder{grain: pr.plan.grain, most: pr.plan.probes, probe: pr.meets}
	b, err := l.search(guess, stride)
	if err == nil && b.under == 0 {
		err = pr.canRun()
	}
	return b, err
}

// canRun is the error of a whole run at the least rate that was tried. Probes end when
// too many requests are late, and do not find out that one can never be scheduled.
func (pr *prober) canRun() error {
	least := slices.MinFunc(pr.tried, func(a, b Probe) int { return cmp.Compare(a.QPS, b.QPS) })
	pr.pace(least.QPS)
	sim, err := vidur.New(pr.run.Config)
	if err != nil {
		return err
	}
	err = sim.Run(pr.ctx)
	if pr.ctx.Err() != nil {
		return notRun(pr.ctx)
	}
	return err
}

// judge runs the deployment at a rate until the verdict is certain.
func (pr *prober) judge(qps float64) (met bool, err error) {
	factor := pr.pace(qps)
	j := newJudge(pr.plan, pr.load, factor, pr.run.Config.Until)
	sim, err := vidur.New(pr.run.Config, j)
	if err != nil {
		return false, err
	}
	err = sim.Run(decides{pr.ctx, j})
	switch {
	case pr.ctx.Err() != nil:
		return false, notRun(pr.ctx)
	case err != nil && !errors.Is(err, errDecided):
		return false, err
	}
	return j.under() && !j.over(), nil
}
