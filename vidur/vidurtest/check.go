package vidurtest

import (
	"fmt"
	"testing"
	"time"
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

// Coordinated is for schedulers that share state between the replicas of a run on
// purpose; it drops the law of isolation.
func Coordinated() Option { return func(c *checker) { c.coordinated = true } }

// OneAtATime never runs two simulations at once, for interpreted policies, in
// which a data race would end the process. Runs of one Config are interleaved
// still, event by event, which shows what they share.
func OneAtATime() Option { return func(c *checker) { c.oneAtATime = true } }

// Stall is how long the handling of one event may take; 0 means 2 s. A policy
// that takes longer hangs, which is a failure, a *HangError.
func Stall(d time.Duration) Option { return func(c *checker) { c.stall = d } }

// OwnQueues is for schedulers that keep requests themselves; see Laws.OwnQueues.
func OwnQueues() Option { return func(c *checker) { c.laws.OwnQueues = true } }

// Failure is a small case that a policy fails.
type Failure struct {
	Case Case
	Err  error // a *Violation, *DigestError, *HangError, or the error of the run

	// Script is the case in the language of Scripts, followed by what happens. It is
	// empty if the policy hangs.
	Script string
}

// Error has Err in its first line and the case as a Go literal in the second.
func (f *Failure) Error() string { return fmt.Sprintf("%v\n\tin the run of %v", f.Err, f.Case) }

// Unwrap returns Err.
func (f *Failure) Unwrap() error { return f.Err }

// Check runs a scheduler under the laws in many random small cases, some of them
// twice, interleaved and eight at once, and fails t with the smallest case it finds
// in which a law is broken, the run ends with an error, or two runs of it differ.
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
