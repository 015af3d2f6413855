package vidurtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/sched"
)

// Option changes what Check does.
type Option func(*checker)

// Runs is the number of random cases; 0 means 300.
func Runs(n int) Option { return func(c *checker) { c.runs = n } }

// Seed draws other cases.
func Seed(seed uint64) Option { return func(c *checker) { c.seed = seed } }

// MaxPP is for schedulers that can only have that many batches in flight.
func MaxPP(n int) Option { return func(c *checker) { c.draws.maxPP = n } }

// BlockSize is for schedulers that need KV blocks of that many tokens.
func BlockSize(n int) Option { return func(c *checker) { c.draws.blockSize = n } }

// Router routes the requests; without it they go to the replicas in turn.
func Router(r NewRouter) Option { return func(c *checker) { c.router = r } }

// FirstComeFirstServed adds the law of order; see Laws.FCFS.
func FirstComeFirstServed() Option { return func(c *checker) { c.laws.FCFS = true } }

// Paged adds the law that the blocks of a request hold its tokens; see Laws.Paged.
func Paged() Option { return func(c *checker) { c.laws.Paged = true } }

// MayIdle drops the law of work; see Laws.MayIdle.
func MayIdle() Option { return func(c *checker) { c.laws.MayIdle = true } }

// OwnQueues is for schedulers that keep requests themselves; see Laws.OwnQueues.
func OwnQueues() Option { return func(c *checker) { c.laws.OwnQueues = true } }

type checker struct {
	runs      int
	seed      uint64
	draws     draws
	router    NewRouter
	scheduler NewScheduler
	laws      Laws
}

// Failure is a small case that a policy fails.
type Failure struct {
	Case Case
	Err  error // a *Violation, or the error of the run
}

func (f *Failure) Error() string { return fmt.Sprintf("%v\n\tin the run of %v", f.Err, f.Case) }

func (f *Failure) Unwrap() error { return f.Err }

// Check runs a scheduler under the laws in many random small cases, some of them
// twice and eight at once, and fails t with the smallest case it finds in which
// a law is broken, the run ends with an error, or two runs of it differ.
func Check(t testing.TB, newScheduler NewScheduler, opts ...Option) {
	t.Helper()
	if f := Find(newScheduler, opts...); f != nil {
		t.Fatal(f)
	}
}

// CheckRouter is Check for a router, over replicas with the vLLM scheduler.
// Besides the laws, routing must leave the cluster as it was.
func CheckRouter(t testing.TB, newRouter NewRouter, opts ...Option) {
	t.Helper()
	if f := FindRouter(newRouter, opts...); f != nil {
		t.Fatal(f)
	}
}

// Find is Check that returns the failure; nil if there is none.
func Find(newScheduler NewScheduler, opts ...Option) *Failure {
	c := checker{scheduler: newScheduler, runs: 300, seed: 1}
	for _, o := range opts {
		o(&c)
	}
	rng := rand.New(rand.NewPCG(c.seed, 0))
	for i := range c.runs {
		k := random(rng, c.draws)
		fail := c.run
		if i%20 == 0 {
			fail = c.repeat
		}
		if err := fail(k); err != nil {
			return c.smallest(k, err, fail)
		}
	}
	return nil
}

// FindRouter is CheckRouter that returns the failure; nil if there is none.
func FindRouter(newRouter NewRouter, opts ...Option) *Failure {
	guarded := func(c *vidur.Cluster, rng *rand.Rand) (vidur.Router, error) {
		r, err := newRouter(c, rng)
		if r == nil || err != nil {
			return nil, err
		}
		return &guard{router: r}, nil
	}
	return Find(sched.VLLM{}.New, append([]Option{Router(guarded)}, opts...)...)
}

func (c *checker) smallest(k Case, err error, fail func(Case) error) *Failure {
	f := &Failure{k, err}
	shrink(k, 1000, func(t Case) bool {
		err := fail(t)
		if !alike(err, f.Err) {
			return false
		}
		f.Case, f.Err = t, err
		return true
	})
	return f
}

// alike reports whether two failures are of one kind.
func alike(a, b error) bool {
	if a == nil || b == nil {
		return a == b
	}
	var v, w *Violation
	if errors.As(a, &v) != errors.As(b, &w) || v != nil && v.Law != w.Law {
		return false
	}
	return fmt.Sprintf("%T", a) == fmt.Sprintf("%T", b)
}

// run runs a case once under the laws.
func (c *checker) run(k Case) error { return c.digest(k, &Digest{}) }

func (c *checker) digest(k Case, d *Digest) error {
	laws := c.laws
	laws.MaxEvents = 20000 + 400*k.tokens()
	return protect(func() error { return Run(k.Config(c.scheduler, c.router), &laws, d) })
}

// protect makes an error of a panic of f.
func protect(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &PanicError{p}
		}
	}()
	return f()
}

// PanicError is a panic of a policy.
type PanicError struct{ Value any }

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// DigestError says that two runs of one case were not the same.
type DigestError struct{ A, B uint64 }

func (e *DigestError) Error() string {
	return fmt.Sprintf("two runs differ: event digests %016x and %016x", e.A, e.B)
}

// repeat runs a case once alone, and eight at once from one Config.
func (c *checker) repeat(k Case) error {
	var alone Digest
	if err := c.digest(k, &alone); err != nil {
		return err
	}
	var sums [8]Digest
	var errs [8]error
	cfg := k.Config(c.scheduler, c.router)
	var wg sync.WaitGroup
	for i := range sums {
		wg.Go(func() {
			errs[i] = protect(func() error {
				s, err := vidur.New(cfg, &sums[i])
				if err != nil {
					return err
				}
				return s.Run(context.Background())
			})
		})
	}
	wg.Wait()
	for i := range sums {
		if errs[i] != nil {
			return errs[i]
		}
		if sums[i].Sum() != alone.Sum() {
			return &DigestError{alone.Sum(), sums[i].Sum()}
		}
	}
	return nil
}

// guard checks that a router leaves the cluster as it is.
type guard struct{ router vidur.Router }

func (g *guard) Route(r *vidur.Request, c *vidur.Cluster) int {
	before := clusterDigest(r, c)
	i := g.router.Route(r, c)
	if clusterDigest(r, c) != before {
		panic(fmt.Sprintf("the router changed the cluster at t=%g s when it was asked for request %d", c.Now, r.ID))
	}
	return i
}

func clusterDigest(r *vidur.Request, c *vidur.Cluster) uint64 {
	var d Digest
	d.float(c.Now)
	d.request(r)
	d.queue(&c.Waiting)
	for _, rep := range c.Replicas {
		d.replica(rep)
		d.queue(&rep.Waiting)
		d.queue(&rep.Running)
	}
	return d.Sum()
}

func (d *Digest) queue(q *vidur.Queue) {
	for i := range q.Len() {
		d.request(q.At(i))
	}
}
