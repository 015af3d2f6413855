package search

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
)

// Worker does tasks of sweeps and searches that are under way in another process;
// see [Through]. It may be used by several goroutines; operator times are found
// once for all tasks that share them.
type Worker struct {
	options []Option
	inputs  *inputs

	mu     sync.Mutex
	builds map[uint64]*builds // by the seed of operator times
}

// NewWorker makes a worker. Of the options it takes [Cache], by which it does no
// task, and no probe of one, twice.
func NewWorker(options ...Option) (*Worker, error) {
	p, err := newPlan(options)
	if err != nil {
		return nil, err
	}
	if p.axes != nil || p.own || p.keep != nil || p.watch != nil || p.through != nil || p.only || p.shards > 0 {
		return nil, errors.New("search: a Worker takes no other option than Cache")
	}
	return &Worker{options: options, inputs: newInputs(), builds: map[uint64]*builds{}}, nil
}

// Do does a task and returns its result, which depends on the task alone. That a
// run fails is a result. An error means that the task is not done: ctx has ended,
// it comes from a program of another version, needs a file that is not here or
// has other contents, or the Cache cannot be written to.
func (w *Worker) Do(ctx context.Context, text []byte) (result []byte, err error) {
	t, err := readTask(text)
	if err != nil {
		return nil, err
	}
	if t.Engine != engine() {
		return nil, fmt.Errorf("search: the task is of a program of another version, %s; this is %s", t.Engine, engine())
	}
	if t.Sources != nil {
		return nil, errors.New("search: the task has functions, which cannot be sent")
	}
	e, err := t.experiment()
	if err != nil {
		return nil, fmt.Errorf("search: no task: %w", err)
	}
	p, err := newPlan(w.options)
	if err != nil {
		return nil, err
	}
	j := &job{experiment: *e, wait: true}
	p.single = true
	s := newCapacitySearch(p, 1)
	if t.Search != nil {
		p.do = s.solve
		p.capacity = capacityPlan{given: true, criteria: t.Search.Criteria, grain: t.Search.Granularity, probes: t.Search.Probes, original: t.Search.Original, early: t.Search.Early}
		if err := p.completeCapacity(); err != nil {
			return nil, err
		}
	}
	return w.do(ctx, p, j, t)
}

// do does a task for which all is ready.
func (w *Worker) do(ctx context.Context, p *plan, j *job, t *task) ([]byte, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p.inputs, p.broken = w.inputs, &broken{cancel: cancel}
	b := w.buildsOf(t.TimesSeed)
	if err := w.check(p, b, j, t); err != nil {
		return nil, err
	}
	j.build = b.add(j.experiment)
	defer b.release(j.build)
	var row Row
	failed := protect(func() error { return p.recall(ctx, b, j, &row) })
	switch {
	case p.broken.err != nil:
		return nil, fmt.Errorf("search: %w", p.broken.err)
	case failed != nil && !final(failed):
		return nil, failed
	}
	return p.resultOf(&row, failed)
}

// check reports whether the task says here what it said where it was made.
func (w *Worker) check(p *plan, b *builds, j *job, t *task) error {
	here, err := p.task(b, j)
	if err != nil {
		return err
	}
	for path, sum := range t.Inputs {
		switch there, ok := here.Inputs[path]; {
		case !ok:
			return fmt.Errorf("search: the task reads %s, which is not here", path)
		case there != sum:
			return fmt.Errorf("search: the task reads %s, which has other contents here", path)
		}
	}
	want, err1 := t.text()
	text, err2 := here.text()
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if !bytes.Equal(want, text) {
		return errors.New("search: the task means something else here; are there files here that it does not know?")
	}
	return nil
}

func (w *Worker) buildsOf(seed uint64) *builds {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.builds[seed] == nil {
		w.builds[seed] = newBuilds(seed)
	}
	return w.builds[seed]
}
