package search

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/search/store"
)

// Option is an axis of a grid or a setting of [Sweep], [Compare] or [Capacity]. Those that
// can be wrong are found to be when the options are used.
type Option func(*plan)

// plan is what the options come to.
type plan struct {
	axes     []axis
	workers  int
	progress func(done, total int, p Point, err error)
	keep     func(Point) bool
	figures  []figure // the package's, then the user's
	compare  comparePlan
	capacity capacityPlan
	do       func(context.Context, *builds, *job, *Row) error // what is done at a point
	each     func(done, total int, row *Row)
	watch    func(i int) vidur.Recorder
	own      bool // there is a Column of the user's
	store    *store.Store
	only     bool // nothing but what the store has
	through  func(ctx context.Context, key string, task []byte) ([]byte, error)
	shard    int    // of shards, from 1 on
	shards   int    // 0: the whole
	single   bool   // a task of another process
	spill    string // folder of the file of rows; "" keeps them in memory
	begins   func(About) error
	asked    string    // a hash of the grid; see About.Grid
	trusted  *sync.Map // Sources of which a kept result was made once more
	inputs   *inputs
	broken   *broken
	err      error // the first
}

func newPlan(options []Option) (*plan, error) {
	p := &plan{workers: runtime.GOMAXPROCS(0), figures: figures(), inputs: newInputs(), trusted: &sync.Map{}, broken: &broken{}}
	p.do = p.simulate
	for _, o := range options {
		if o != nil {
			o(p)
		}
	}
	if p.err == nil {
		p.fail(p.checkNames())
	}
	return p, p.err
}

// fail keeps the first error.
func (p *plan) fail(err error) {
	if p.err == nil && err != nil {
		p.err = fmt.Errorf("search: %w", err)
	}
}

func (p *plan) add(a axis, err error) {
	p.fail(err)
	p.axes = append(p.axes, a)
}

// checkNames reports a column or a place on an axis that there would be twice.
func (p *plan) checkNames() error {
	seen := []string{errorColumn}
	for _, a := range p.axes {
		seen = append(seen, a.names...)
		places := map[string]bool{}
		for _, s := range a.steps {
			place := fmt.Sprintf("%#v", s.values)
			if places[place] {
				return fmt.Errorf("%v has %v twice", a.names, s.values)
			}
			places[place] = true
		}
	}
	for _, f := range p.figures {
		seen = append(seen, f.name)
	}
	slices.Sort(seen)
	for i := range seen[1:] {
		if seen[i] == seen[i+1] {
			return fmt.Errorf("there are two columns %q", seen[i])
		}
	}
	return nil
}

// Workers sets how many runs there are at once, at least 1. The default is
// GOMAXPROCS. Results do not depend on it.
func Workers(n int) Option {
	return func(p *plan) {
		if n < 1 {
			p.fail(fmt.Errorf("%d workers; there must be at least 1", n))
		}
		p.workers = n
	}
}

// Progress has f called after each run that ended, well or with an error: how
// many of how many runs are done, which one was the last and its error. The
// calls come one at a time, from the goroutine that called [Sweep], [Compare]
// or [Capacity]; on several workers their order is not that of the grid.
func Progress(f func(done, total int, p Point, err error)) Option {
	return func(p *plan) { p.progress = f }
}

// Each has f called as that of [Progress] is, with the row.
func Each(f func(done, total int, row *Row)) Option {
	return func(p *plan) { p.each = f }
}

// Keep keeps all that was measured for the points that f chooses, in
// [Row.Store]; nil chooses every point. A store takes about a hundred bytes per
// request. Without this option a sweep keeps figures only.
func Keep(f func(Point) bool) Option {
	if f == nil {
		f = func(Point) bool { return true }
	}
	return func(p *plan) { p.keep = f }
}

// Watch has every simulation of [Sweep] seen by a recorder besides, which f makes: i
// is the place of the row in the results, from 0 on. f is called from several
// goroutines at once.
func Watch(f func(i int) vidur.Recorder) Option {
	return func(p *plan) { p.watch = f }
}

// Column adds a figure of one's own, which f takes from what was measured in a
// run.
func Column(name string, f func(*metrics.Store) float64) Option {
	return func(p *plan) {
		if name == "" || f == nil {
			p.fail(fmt.Errorf("column %q needs a name and a function", name))
			return
		}
		p.own = true
		p.figures = append(p.figures, figure{name: name, label: name, of: func(o *outcome) float64 { return f(o.store) }})
	}
}
