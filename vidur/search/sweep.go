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
	l, err := p.grid(base)
	if err != nil {
		return nil, err
	}
	if err := p.begin(base, l.n); err != nil {
		return nil, err
	}
	t := p.run(ctx, newBuilds(base.Seed), l, p.report(l.n))
	return p.results(ctx, t)
}

// results are rows, and the cause if some of them did not run.
func (p *plan) results(ctx context.Context, t *rowTable) (*Results, error) {
	r := &Results{figures: p.figures, axes: p.axes, rows: t.rows, spill: t.spill, about: p.about()}
	if err := p.broken.err; err != nil {
		return r, fmt.Errorf("search: %w", err)
	}
	missing := t.missing()
	switch {
	case ctx.Err() != nil && missing > 0:
		return r, context.Cause(ctx)
	case missing > 0:
		return r, fmt.Errorf("search: %w: %d of %d points", ErrNotRun, missing, r.Len())
	}
	return r, nil
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

// run makes the runs of a list, and calls report in this goroutine after each
// that was not cut.
func (p *plan) run(ctx context.Context, b *builds, l *list, report func(*Row)) *rowTable {
	outer := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil) // for a report that panics
	p.broken = &broken{cancel: cancel}
	t := p.newTable(l)
	waits := make([]bool, l.n)      // put off already
	todo := make(chan int, 2*l.n+1) // has room for all, twice: nobody waits to put one in
	for i := range l.n {
		todo <- i
	}
	type ended struct {
		at  int
		row *Row
	}
	done := make(chan ended, l.n) // the same
	go func() {
		defer close(done)
		p.workOff(ctx, todo, l.n, func(i int) bool {
			j, row := l.job(i), t.row(i)
			if j.wait = waits[i]; p.runJob(ctx, b, &j, row) {
				waits[i] = true
				return true
			}
			done <- ended{i, row}
			return false
		})
	}()
	for e := range done {
		if !errors.Is(e.row.Err, ErrNotRun) {
			report(e.row)
		}
		t.settle(e.at, e.row)
	}
	t.finish(notRun(outer))
	return t
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
	j.build = b.add(j.experiment)
	defer b.release(j.build)
	err := protect(func() error { return p.recall(ctx, b, j, row) })
	if errors.Is(err, errBusy) {
		return true
	}
	if err != nil {
		row.Store, row.Figures, row.Probes = nil, nil, nil
		row.Err = &PointError{j.point, err}
	}
	return false
}

func notRun(ctx context.Context) error { return fmt.Errorf("%w: %w", ErrNotRun, context.Cause(ctx)) }

// simulate makes one run and fills its row in.
func (p *plan) simulate(ctx context.Context, b *builds, j *job, row *Row) error {
	run, err := b.ready(j)
	if err != nil {
		return err
	}
	o := &outcome{}
	if p.watch != nil {
		o.watch = append(o.watch, p.watch(j.index))
	}
	return p.measure(ctx, run, row, o)
}

// ready makes the run of a job.
func (b *builds) ready(j *job) (*spec.Run, error) {
	if j.err != nil {
		return nil, j.err
	}
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
	if o.store, err = run.Simulate(ctx, append(o.watch, o.tap)...); err != nil {
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
