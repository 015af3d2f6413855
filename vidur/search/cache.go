package search

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/govidur/govidur/vidur/search/store"
)

// Cache keeps the result of every simulation in a folder and takes from there
// what was simulated before, so that a sweep or a search that was cut goes on
// where it stopped. Several processes and machines may share the folder, at once
// too, and it may be deleted at any time; see package store.
//
// A result stands under a hash of all that it depends on: the experiment with the
// contents of the files it reads, the criteria and settings of a search, and the
// version of the program. Functions have no hash: what a [Choice] with a Config
// and no Source, a [Column], [Keep] or [Watch] is about is always simulated.
//
// With a Cache, [Shard] or [Through], Capacity begins at every point with the
// estimate, not with a neighbour: it finds the same, and takes some more probes.
// A folder that cannot be written to ends the sweep with an error.
func Cache(dir string) Option {
	return func(p *plan) {
		s, err := store.Open(dir)
		p.fail(err)
		p.store = s
	}
}

// CacheOnly takes everything from the [Cache] and simulates nothing: a point that
// is not there is [ErrNotRun], and an error of the whole.
func CacheOnly() Option { return func(p *plan) { p.only = true } }

// Shard does one of n parts of the grid, i from 1 to n: the points i, i + n, i + 2n
// and so on; the Results have no others. With a [Cache] that all parts share, the
// whole is had afterwards without a simulation; see [CacheOnly].
func Shard(i, n int) Option {
	return func(p *plan) {
		if i < 1 || i > n {
			p.fail(fmt.Errorf("shard %d of %d; the first is 1, the last %d", i, n, n))
		}
		p.shard, p.shards = i, n
	}
}

// Through has the work of every point done elsewhere, by [Worker.Do] in another
// process: do gets a task and its key, the hexadecimal SHA-256 of the task, and
// returns the result. It is called from several goroutines, as many as [Workers]
// says, and ends when ctx does. Its errors are errors of the rows, as it is that a
// point has functions, which cannot be sent.
func Through(do func(ctx context.Context, key string, task []byte) (result []byte, err error)) Option {
	return func(p *plan) { p.through = do }
}

// alone reports whether the search of a point must not depend on others.
func (p *plan) alone() bool { return p.store != nil || p.through != nil || p.shards > 0 || p.single }

// broken is the first error of a folder of results, which ends the whole.
type broken struct {
	once   sync.Once
	err    error
	cancel context.CancelCauseFunc
}

func (b *broken) with(err error) {
	b.once.Do(func() {
		b.err = err
		b.cancel(err)
	})
}

// errBusy is of a point that another process is at.
var errBusy = errors.New("another process is at it")

const pollEvery = 200 * time.Millisecond

// recall fills a row in with what was found before, here or elsewhere, and
// otherwise finds it. If another process is at it, that is errBusy, unless the
// caller will wait.
func (p *plan) recall(ctx context.Context, b *builds, j *job, row *Row) error {
	if p.store == nil && p.through == nil {
		return p.do(ctx, b, j, row)
	}
	if j.err != nil {
		return j.err
	}
	t, err := p.task(b, j)
	if err == nil && p.through != nil && t.Sources != nil {
		err = errors.New("a Choice has a function in Config")
	}
	switch {
	case err != nil && p.through != nil:
		return fmt.Errorf("it cannot be sent: %w", err)
	case err != nil && p.only:
		return fmt.Errorf("%w: it is not kept: %w", ErrNotRun, err)
	case err != nil:
		return p.do(ctx, b, j, row)
	}
	if j.task, err = t.text(); err != nil {
		return err
	}
	if p.store == nil {
		return p.find(ctx, b, j, row)
	}
	return p.share(ctx, b, j, row)
}

// share takes the result of a task from the store, or finds it unless another
// process does.
func (p *plan) share(ctx context.Context, b *builds, j *job, row *Row) error {
	key := store.Key(j.task)
	for {
		if found, failed := p.kept(key, row); found {
			return p.trust(ctx, b, j, row, failed)
		}
		if p.only {
			return fmt.Errorf("%w: there is no result of it", ErrNotRun)
		}
		release, ok := p.store.Claim(key)
		if ok {
			defer release()
			if found, err := p.kept(key, row); found { // meanwhile
				return err
			}
			return p.find(ctx, b, j, row)
		}
		if !j.wait {
			return errBusy
		}
		select {
		case <-time.After(pollEvery):
		case <-ctx.Done():
			return notRun(ctx)
		}
	}
}

// trust returns failed, the error of a kept row, if what is kept may be trusted. A
// Source is only what its user says, so the first result of each that is found is made
// once more: if it comes out otherwise, Config was changed and Source was not, and
// nothing under it is worth anything.
func (p *plan) trust(ctx context.Context, b *builds, j *job, row *Row, failed error) error {
	if j.sources == nil || p.only {
		return failed
	}
	if _, known := p.trusted.LoadOrStore(strings.Join(j.sources, "\x00"), true); known {
		return failed
	}
	again := Row{Point: row.Point}
	err := p.do(ctx, b, j, &again)
	switch {
	case ctx.Err() != nil:
		return notRun(ctx)
	case failed == nil && err == nil && sameFigures(row.Figures, again.Figures) && row.requests == again.requests:
		return nil
	case failed != nil && err != nil && failed.Error() == err.Error():
		return failed
	}
	err = fmt.Errorf("%v: what is kept of the Source %q is not what its Config does now; a Source must change whenever the function does, or be left out", row.Point, j.sources)
	p.broken.with(err)
	return err
}

// sameFigures reports whether figures are equal, those that are NaN included.
func sameFigures(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return x == y || x != x && y != y })
}

// kept fills a row in from the store; found is false if it is not there.
func (p *plan) kept(key string, row *Row) (found bool, err error) {
	text, ok := p.store.Get(key)
	if !ok {
		return false, nil
	}
	failed, err := p.takeResult(row, text)
	return err == nil, failed
}

// find has the work of a task done, and keeps its result.
func (p *plan) find(ctx context.Context, b *builds, j *job, row *Row) error {
	key := store.Key(j.task)
	if p.through != nil {
		out, err := p.through(ctx, key, j.task)
		if err != nil {
			if ctx.Err() != nil {
				return notRun(ctx)
			}
			return err
		}
		failed, err := p.takeResult(row, out)
		if err != nil {
			return err
		}
		p.keepResult(key, out)
		return failed
	}
	failed := p.do(ctx, b, j, row)
	if failed == nil || final(failed) {
		out, err := p.resultOf(row, failed)
		if err != nil {
			return err
		}
		p.keepResult(key, out)
	}
	return failed
}

// keepResult puts a result into the store.
func (p *plan) keepResult(key string, value []byte) {
	if p.store == nil {
		return
	}
	if err := p.store.Put(key, value); err != nil {
		p.broken.with(err)
	}
}

// memo keeps the verdicts of the probes of one search. Without a store it is nil.
type memo struct {
	plan *plan
	task []byte // what all its probes share
}

func (p *plan) memo(b *builds, j *job) *memo {
	if p.store == nil {
		return nil
	}
	t, err := p.taskOfProbes(b, j)
	if err != nil {
		return nil
	}
	return &memo{p, t}
}

// taskOfProbes is what the verdict of a probe depends on, but for its rate.
func (p *plan) taskOfProbes(b *builds, j *job) ([]byte, error) {
	only := *p
	only.own, only.keep = false, nil // verdicts have nothing to do with figures
	t, err := only.task(b, j)
	if err != nil {
		return nil, err
	}
	t.Search.Granularity, t.Search.Probes = 0, 0
	return t.text()
}

// do is the verdict at a rate: the one that is kept, or what probe finds.
func (m *memo) do(qps float64, probe func() (Probe, error)) (Probe, error) {
	if m == nil {
		return probe()
	}
	key := store.Key(fmt.Appendf(m.task[:len(m.task):len(m.task)], "\nprobe %x", qps))
	if text, ok := m.plan.store.Get(key); ok {
		if v, err := readProbe(text); err == nil {
			return v, nil
		}
	}
	v, err := probe()
	if err == nil {
		m.plan.keepResult(key, v.text())
	}
	return v, err
}
