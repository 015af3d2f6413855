package vidurtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/govidur/govidur/vidur"
)

type checker struct {
	runs        int
	seed        uint64
	stall       time.Duration
	draws       draws
	coordinated bool
	oneAtATime  bool
	router      NewRouter
	scheduler   NewScheduler
	laws        Laws
	ctx         context.Context
}

// Report is what Search found.
type Report struct {
	Cases   int      // cases that were run before one failed
	Failure *Failure // nil if none did
}

// Find is Check that returns the failure; nil if there is none.
func Find(newScheduler NewScheduler, opts ...Option) *Failure {
	return Search(context.Background(), newScheduler, opts...).Failure
}

// Search is Find for hosts of other people's policies. It ends when ctx is done,
// with what it has found by then. A policy that panics, does not return, or makes
// events without end is a failure; one that does not return keeps its goroutine,
// so the host should end the process. Small cases come first.
func Search(ctx context.Context, newScheduler NewScheduler, opts ...Option) Report {
	c := checker{scheduler: newScheduler, runs: 300, seed: 1, ctx: ctx}
	for _, o := range opts {
		o(&c)
	}
	if c.runs <= 0 {
		c.runs = 300
	}
	if c.stall <= 0 {
		c.stall = 2 * time.Second
	}
	rng := rand.New(rand.NewPCG(c.seed, 0))
	for i := range c.runs {
		d := c.draws
		d.small = 3*i < c.runs
		k, fail := random(rng, d), c.test(i)
		err := fail(k)
		if ctx.Err() != nil {
			return Report{Cases: i}
		}
		if err != nil {
			return Report{Cases: i, Failure: c.smallest(k, err, fail)}
		}
	}
	return Report{Cases: c.runs}
}

// test is what the i-th case is put to.
func (c *checker) test(i int) func(Case) error {
	switch {
	case i%20 == 0:
		return c.repeat
	case i%4 == 1 && c.router == nil && !c.coordinated:
		return c.isolated
	}
	return c.run
}

// smallest shrinks a case that fails, as far as ctx allows.
func (c *checker) smallest(k Case, err error, fail func(Case) error) *Failure {
	f := &Failure{Case: k, Err: err}
	tries := 1000
	var hang *HangError
	if errors.As(err, &hang) { // every try costs time and a goroutine
		f.Case = k.until(hang.At)
		tries, c.stall = 8, c.stall/8
	}
	fails := func(t Case) bool {
		if c.ctx.Err() != nil {
			return false
		}
		err := fail(t)
		if !alike(err, f.Err) {
			return false
		}
		f.Case, f.Err = t, err
		return true
	}
	shrink(f.Case, tries, fails)
	rng := rand.New(rand.NewPCG(c.seed, 1))
	for n := 0; hang == nil && n < 300; n++ {
		if t := tiny(rng, f.Case, c.draws); t.alone() && t.less(f.Case) && fails(t) {
			shrink(t, tries, fails)
		}
	}
	if hang == nil && c.ctx.Err() == nil {
		f.Script = c.script(f.Case)
	}
	return f
}

// less reports whether c is the smaller case: by requests, then by tokens.
func (c Case) less(d Case) bool {
	if len(c.Arrivals) != len(d.Arrivals) {
		return len(c.Arrivals) < len(d.Arrivals)
	}
	return c.tokens() < d.tokens()
}

// until is c without the requests that come after a time (s).
func (c Case) until(at float64) Case {
	if c.Clients > 0 {
		return c
	}
	n := 0
	for n < len(c.Arrivals) && c.Arrivals[n].At <= at {
		n++
	}
	c.Arrivals = c.Arrivals[:max(n, 1)]
	return c
}

// alike reports whether two failures are of one kind.
func alike(a, b error) bool { return kind(a) == kind(b) }

// kind says what failed, without the place.
func kind(err error) string {
	var v *Violation
	var p *PanicError
	var run *vidur.RunError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &v):
		return "law " + string(v.Law)
	case errors.As(err, &p):
		return fmt.Sprintf("panic %s %T", p.Policy, p.Value)
	case errors.As(err, &run):
		return fmt.Sprintf("%T %T", run, run.Err)
	}
	return fmt.Sprintf("%T", err)
}

// run runs a case once under the laws.
func (c *checker) run(k Case) error { return c.digest(k, &Digest{}) }

func (c *checker) digest(k Case, d *Digest) error {
	return c.guarded(func(w *watch) error {
		laws := c.laws
		laws.MaxEvents = k.events()
		return Run(k.Config(c.scheduler, c.router), &laws, d, w)
	})
}

// events is more than a case should take.
func (c Case) events() int { return 20000 + 400*c.tokens() }
