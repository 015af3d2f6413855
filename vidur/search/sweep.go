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

	Probes []Probe // of [Capacity], in order; of all replications

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
	if p.compare.given || p.capacity.given {
		return nil, errors.New("search: an option of Compare or Capacity was given to Sweep")
	}
	jobs, err := p.jobs(base)
	if err != nil {
		return nil, err
	}
	jobs = p.part(jobs)
	rows := p.run(ctx, newBuilds(base.Seed), jobs, p.report(len(jobs)))
	return p.results(ctx, rows)
}

// results are rows, and the cause if some of them did not run.
func (p *plan) results(ctx context.Context, rows []Row) (*Results, error) {
	r := &Results{figures: p.figures, axes: p.axes, rows: rows, about: p.about()}
	if err := p.broken.err; err != nil {
		return r, fmt.Errorf("search: %w", err)
	}
	missing := 0
	for i := range rows {
		if errors.Is(rows[i].Err, ErrNotRun) {
			missing++
		}
	}
	switch {
	case ctx.Err() != nil && missing > 0:
		return r, context.Cause(ctx)
	case missing > 0:
		return r, fmt.Errorf("search: %w: %d of %d points", ErrNotRun, missing, len(rows))
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
	index      int      // in the list of jobs
	sources    []string // of Choices with functions
	opaque     bool     // a Choice has a function without a Source
	wait       bool     // for another process that is at it
	task       []byte   // the text of it, if it can be said
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
		j.sources = append(j.sources, s.sources...)
		j.opaque = j.opaque || s.opaque
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
		if p.each != nil {
			p.each(done, total, r)
		}
	}
}

// part is the jobs of the shard.
func (p *plan) part(jobs []job) []job {
	if p.shards < 2 {
		return jobs
	}
	var own []job
	for i := p.shard - 1; i < len(jobs); i += p.shards {
		own = append(own, jobs[i])
	}
	return own
}

// run makes the runs of jobs, and calls report in this goroutine after each
// that was not cut.
func (p *plan) run(ctx context.Context, b *builds, jobs []job, report func(*Row)) []Row {
	outer := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil) // for a report that panics
	p.broken = &broken{cancel: cancel}
	rows := make([]Row, len(jobs))
	todo := make(chan int, 2*len(jobs)+1) // has room for all, twice: nobody waits to put one in
	for i := range jobs {
		jobs[i].build, jobs[i].index = b.add(jobs[i].experiment), i
		rows[i].Point = jobs[i].point
		todo <- i
	}
	done := make(chan int, len(jobs)) // the same
	go func() {
		defer close(done)
		p.workOff(ctx, todo, len(jobs), func(i int) bool {
			if p.runJob(ctx, b, &jobs[i], &rows[i]) {
				return true
			}
			done <- i
			return false
		})
	}()
	for i := range done {
		if !errors.Is(rows[i].Err, ErrNotRun) {
			report(&rows[i])
		}
	}
	for i := range rows {
		p.finish(outer, &rows[i])
	}
	return rows
}

// workOff does the jobs of todo, n in all, on the workers. One that do says to put
// off comes again when the others have been looked at.
func (p *plan) workOff(ctx context.Context, todo chan int, n int, do func(int) (putOff bool)) {
	var left atomic.Int64
	if left.Add(int64(n)); n == 0 {
		return
	}
	var workers sync.WaitGroup
	for range min(p.workers, n) {
		workers.Go(func() {
			for ctx.Err() == nil {
				select {
				case i, more := <-todo:
					switch {
					case !more:
						return
					case do(i):
						todo <- i
					case left.Add(-1) == 0:
						close(todo)
					}
				case <-ctx.Done():
				}
			}
		})
	}
	workers.Wait()
}

// runJob makes one run, or puts it off, once, if another process is at it.
func (p *plan) runJob(ctx context.Context, b *builds, j *job, row *Row) (putOff bool) {
	err := j.err
	if err == nil {
		err = protect(func() error { return p.recall(ctx, b, j, row) })
	}
	if errors.Is(err, errBusy) {
		j.wait = true
		return true
	}
	b.release(j.build)
	j.task = nil
	if err != nil {
		row.Store, row.Figures, row.Probes = nil, nil, nil
		row.Err = &PointError{j.point, err}
	}
	return false
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

// simulate makes one run and fills its row in.
func (p *plan) simulate(ctx context.Context, b *builds, j *job, row *Row) error {
	run, err := b.ready(j)
	if err != nil {
		return err
	}
	return p.measure(ctx, run, row, &outcome{})
}

// ready makes the run of a job.
func (b *builds) ready(j *job) (*spec.Run, error) {
	run, err := b.get(j.build, j.experiment.Seed)
	if err != nil {
		return nil, err
	}
	for _, change := range j.config {
		if err := change(&run.Config); err != nil {
			return nil, err
		}
	}
	run.Metrics.Replicas = run.Config.Replicas
	return run, nil
}

// measure makes a run and fills the figures of its row in. o has what is known
// besides.
func (p *plan) measure(ctx context.Context, run *spec.Run, row *Row, o *outcome) error {
	o.tap = newTap()
	var err error
	if o.store, err = run.Simulate(ctx, o.tap); err != nil {
		if ctx.Err() != nil {
			return notRun(ctx)
		}
		return err
	}
	o.summary = o.store.Summary()
	row.Figures = make([]float64, len(p.figures))
	for i, f := range p.figures {
		row.Figures[i] = f.of(o)
	}
	row.requests = o.tap.requests
	if p.keep != nil && p.keep(row.Point) {
		row.Store = o.store
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
