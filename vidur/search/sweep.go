package search

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/spec"
)

// Row is one run of a sweep.
type Row struct {
	Point   Point
	Err     error          // nil, or a *PointError
	Figures []float64      // in the order of [Results.FigureNames]; NaN after an error
	Store   *metrics.Store // of points that [Keep] chose, unless the run has an error

	requests uint64 // a hash of what arrived
}

// Sweep runs base at every point of the grid of the axes; without an axis,
// once. base is not changed. Options that cannot be used are an error before
// anything runs. Runs that fail are errors of their rows, see [Results.Err],
// and no error of Sweep. If ctx ends first, Sweep returns its cause beside the
// results so far, in which what did not finish is [ErrNotRun]; a policy that
// does not return or operator times that are being learnt are waited for.
func Sweep(ctx context.Context, base *spec.Experiment, options ...Option) (*Results, error) {
	p, err := newPlan(options)
	if err != nil {
		return nil, err
	}
	if p.compare.given {
		return nil, errors.New("search: an option of Compare was given to Sweep")
	}
	jobs, err := p.jobs(base)
	if err != nil {
		return nil, err
	}
	r := &Results{figures: p.figures, axes: p.axes, rows: p.run(ctx, newBuilds(base.Seed), jobs, p.report(len(jobs)))}
	for i := range r.rows {
		if errors.Is(r.rows[i].Err, ErrNotRun) {
			return r, context.Cause(ctx)
		}
	}
	return r, nil
}

// job is a run to be made.
type job struct {
	point      Point
	experiment spec.Experiment
	config     []func(*vidur.Config) error
	err        error // of a Choice's Experiment
	build      *build
}

// jobs lists the points of the grid, the last axis fastest.
func (p *plan) jobs(base *spec.Experiment) ([]job, error) {
	if base == nil {
		return nil, errors.New("search: no base experiment")
	}
	const most = 1 << 20
	n := 1
	for _, a := range p.axes {
		if n *= len(a.steps); n > most {
			return nil, fmt.Errorf("search: the grid has more than %d points", most)
		}
	}
	jobs := make([]job, n)
	for i := range jobs {
		jobs[i] = p.job(base, i)
	}
	return jobs, nil
}

// job is the i-th of the grid.
func (p *plan) job(base *spec.Experiment, i int) job {
	steps := make([]step, len(p.axes))
	for k := len(p.axes) - 1; k >= 0; k-- {
		n := len(p.axes[k].steps)
		steps[k] = p.axes[k].steps[i%n]
		i /= n
	}
	j := job{experiment: *base}
	for k, s := range steps {
		for l, v := range s.values {
			j.point = append(j.point, Coordinate{p.axes[k].names[l], v})
		}
		j.config = append(j.config, s.config...)
	}
	j.err = protect(func() error {
		for _, s := range steps {
			for _, set := range s.experiment {
				if err := set(&j.experiment); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return j
}

// report is what is called with each row that is done, if anything is.
func (p *plan) report(total int) func(*Row) {
	done := 0
	return func(r *Row) {
		if done++; p.progress != nil {
			p.progress(done, total, r.Point, r.Err)
		}
	}
}

// run makes the runs of jobs, and calls report in this goroutine after each
// that was not cut.
func (p *plan) run(ctx context.Context, b *builds, jobs []job, report func(*Row)) []Row {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // for a report that panics
	rows := make([]Row, len(jobs))
	for i := range jobs {
		jobs[i].build = b.add(jobs[i].experiment)
		rows[i].Point = jobs[i].point
	}
	done := make(chan int, len(jobs)) // has room for all: a worker never waits
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(p.workers, len(jobs)) {
		workers.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(jobs) {
					return
				}
				p.runJob(ctx, b, &jobs[i], &rows[i])
				done <- i
			}
		})
	}
	go func() {
		workers.Wait()
		close(done)
	}()
	for i := range done {
		if !errors.Is(rows[i].Err, ErrNotRun) {
			report(&rows[i])
		}
	}
	for i := range rows {
		p.finish(ctx, &rows[i])
	}
	return rows
}

// runJob makes one run.
func (p *plan) runJob(ctx context.Context, b *builds, j *job, row *Row) {
	defer b.release(j.build)
	err := j.err
	if err == nil {
		err = protect(func() error { return p.simulate(ctx, b, j, row) })
	}
	if err != nil {
		row.Store, row.Figures = nil, nil
		row.Err = &PointError{j.point, err}
	}
}

// finish fills a row in that has no figures.
func (p *plan) finish(ctx context.Context, row *Row) {
	if row.Figures != nil {
		return
	}
	if row.Err == nil {
		row.Err = &PointError{row.Point, notRun(ctx)}
	}
	row.Figures = none(len(p.figures))
}

func notRun(ctx context.Context) error { return fmt.Errorf("%w: %w", ErrNotRun, context.Cause(ctx)) }

func (p *plan) simulate(ctx context.Context, b *builds, j *job, row *Row) error {
	run, err := b.get(j.build, j.experiment.Seed)
	if err != nil {
		return err
	}
	for _, change := range j.config {
		if err := change(&run.Config); err != nil {
			return err
		}
	}
	run.Metrics.Replicas = run.Config.Replicas
	tap := newTap()
	store, err := run.Simulate(ctx, tap)
	if err != nil {
		if ctx.Err() != nil {
			return notRun(ctx)
		}
		return err
	}
	o := outcome{store: store, summary: store.Summary(), tap: tap}
	row.Figures = make([]float64, len(p.figures))
	for i, f := range p.figures {
		row.Figures[i] = f.of(&o)
	}
	row.requests = tap.requests
	if p.keep != nil && p.keep(j.point) {
		row.Store = store
	}
	return nil
}

// protect makes an error of a panic of f.
func protect(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &vidur.PanicError{Policy: "function of an axis", Value: v, Stack: debug.Stack()}
		}
	}()
	return f()
}
