package vidurtest_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/vidurtest"
)

// plain is a correct scheduler of one's own: whole prompts first come, first
// served, with room for the whole request; the mutants below are plain with one
// mistake each.
type plain struct {
	alloc  func(rep *vidur.Replica, r *vidur.Request) bool
	take   func(rep *vidur.Replica) *vidur.Request // from Waiting
	before func(rep *vidur.Replica)
	after  func(rep *vidur.Replica, b *vidur.Batch)
	done   func(rep *vidur.Replica, b *vidur.Batch)
}

func newPlain(rep *vidur.Replica) *plain {
	return &plain{
		alloc:  func(rep *vidur.Replica, r *vidur.Request) bool { return rep.KV.Alloc(r, rep.KV.For(r.Total())) },
		take:   func(rep *vidur.Replica) *vidur.Request { return rep.Waiting.Pop() },
		before: func(*vidur.Replica) {},
		after:  func(*vidur.Replica, *vidur.Batch) {},
		done:   (*vidur.Replica).Requeue,
	}
}

func (s *plain) Next(rep *vidur.Replica, b *vidur.Batch) {
	s.before(rep)
	for rep.Waiting.Len() > 0 && b.Len() < 3 {
		r := s.take(rep)
		if !s.alloc(rep, r) {
			rep.Waiting.PushFront(r)
			break
		}
		b.Add(r, r.Prompt)
	}
	for n := rep.Running.Len(); n > 0 && b.Len() < 3; n-- {
		if r := rep.Running.Pop(); r.Prefilled() {
			b.Add(r, 1)
		} else {
			b.Add(r, r.Prompt)
		}
	}
	s.after(rep, b)
}

func (s *plain) Done(rep *vidur.Replica, b *vidur.Batch) { s.done(rep, b) }

// mutant makes plain with a mistake.
func mutant(change func(s *plain, rep *vidur.Replica)) vidurtest.NewScheduler {
	return func(rep *vidur.Replica) (vidur.Scheduler, error) {
		s := newPlain(rep)
		change(s, rep)
		return s, nil
	}
}

func TestPlainKeepsTheLaws(t *testing.T) {
	vidurtest.Check(t, mutant(func(*plain, *vidur.Replica) {}), vidurtest.FirstComeFirstServed(), vidurtest.Paged())
}

// count returns a function that reports true at every n-th call.
func count(n int) func() bool {
	i := 0
	return func() bool { i++; return i%n == 0 }
}

var fcfs, paged = vidurtest.FirstComeFirstServed(), vidurtest.Paged()

// mutants are wrong schedulers and the law that catches them.
var mutants = []struct {
	name   string
	law    vidurtest.Law
	detail string // part of what the violation says
	new    vidurtest.NewScheduler
}{
	{"drops a request", vidurtest.Requests, "lost", mutant(func(s *plain, rep *vidur.Replica) {
		drop := count(3)
		s.before = func(rep *vidur.Replica) {
			if rep.Waiting.Len() > 0 && drop() {
				rep.Waiting.Pop()
			}
		}
	})},
	{"leaves it in Waiting too", vidurtest.Requests, "in Waiting and in batch", mutant(func(s *plain, rep *vidur.Replica) {
		s.after = func(rep *vidur.Replica, b *vidur.Batch) {
			if b.PrefillTokens > 0 {
				rep.Waiting.PushFront(b.Slots[0].Request)
			}
		}
	})},
	{"forgets a finished batch", vidurtest.Requests, "lost", mutant(func(s *plain, rep *vidur.Replica) {
		s.done = func(rep *vidur.Replica, b *vidur.Batch) {}
	})},
	{"keeps completed requests", vidurtest.Requests, "complete", mutant(func(s *plain, rep *vidur.Replica) {
		s.done = func(rep *vidur.Replica, b *vidur.Batch) {
			for i := range b.Slots {
				rep.Running.Push(b.Slots[i].Request)
			}
		}
	})},
	{"releases nothing", vidurtest.Memory, "in use", mutant(func(s *plain, rep *vidur.Replica) {
		s.done = func(rep *vidur.Replica, b *vidur.Batch) {
			for i := range b.Slots {
				if r := b.Slots[i].Request; !r.Completed() {
					rep.Running.Push(r)
				}
			}
		}
	})},
	{"allocates a block less", vidurtest.Memory, "tokens in", mutant(func(s *plain, rep *vidur.Replica) {
		s.alloc = func(rep *vidur.Replica, r *vidur.Request) bool { return rep.KV.Alloc(r, rep.KV.For(r.Total())-1) }
	})},
	{"releases what runs", vidurtest.Memory, "tokens in", mutant(func(s *plain, rep *vidur.Replica) {
		s.after = func(rep *vidur.Replica, b *vidur.Batch) {
			if b.NumDecodes > 0 {
				rep.KV.Release(b.Slots[b.Len()-1].Request)
			}
		}
	})},
	{"restarts in flight", vidurtest.Tokens, "", mutant(func(s *plain, rep *vidur.Replica) {
		s.after = func(rep *vidur.Replica, b *vidur.Batch) {
			if b.NumDecodes > 0 {
				b.Slots[b.Len()-1].Request.Restart()
			}
		}
	})},
	{"moves Done", vidurtest.Tokens, "no batch did that", mutant(func(s *plain, rep *vidur.Replica) {
		s.before = func(rep *vidur.Replica) {
			if rep.Running.Len() > 0 && rep.Running.At(0).Done < rep.Running.At(0).Total()-1 {
				rep.Running.At(0).Done++
			}
		}
	})},
	{"stands still", vidurtest.Tokens, "advance", mutant(func(s *plain, rep *vidur.Replica) {
		s.after = func(rep *vidur.Replica, b *vidur.Batch) {
			if b.Len() > 0 {
				b.Slots[0].Advance = 0
			}
		}
	})},
	{"changes the sums", vidurtest.Tokens, "sums", mutant(func(s *plain, rep *vidur.Replica) {
		s.after = func(rep *vidur.Replica, b *vidur.Batch) { b.Attended++ }
	})},
	{"last come, first served", vidurtest.Order, "number", mutant(func(s *plain, rep *vidur.Replica) {
		s.take = func(rep *vidur.Replica) *vidur.Request { return rep.Waiting.PopBack() }
	})},
	{"thrashes", vidurtest.Events, "goes on", func(*vidur.Replica) (vidur.Scheduler, error) {
		return vidur.SchedulerFunc(func(rep *vidur.Replica, b *vidur.Batch) {
			if r := rep.Running.Pop(); r != nil {
				rep.Preempt(r)
			}
			if r := rep.Waiting.Pop(); r != nil && rep.KV.Alloc(r, rep.KV.For(r.Prompt)) {
				b.Add(r, 1)
			}
		}), nil
	}},
}

func TestLawsCatch(t *testing.T) {
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			f := vidurtest.Find(m.new, fcfs, paged)
			if f == nil {
				t.Fatal("no law is broken")
			}
			var v *vidurtest.Violation
			if !errors.As(f, &v) || v.Law != m.law || !strings.Contains(v.Detail, m.detail) {
				t.Fatalf("want law %q: %q; got %v", m.law, m.detail, f)
			}
			if n := len(f.Case.Arrivals); n > 4 || len(f.Case.Replicas) > 1 {
				t.Errorf("the smallest case has %d requests: %v", n, f)
			}
			t.Log(f)
		})
	}
}

func TestCheckCatchesPanicsAndSharedState(t *testing.T) {
	var calls atomic.Int32 // shared by the runs of one Config, which is the mistake
	for name, c := range map[string]struct {
		new  vidurtest.NewScheduler
		want any // target of errors.As
	}{
		"panic": {mutant(func(s *plain, _ *vidur.Replica) {
			s.after = func(_ *vidur.Replica, b *vidur.Batch) { _ = b.Slots[1] }
		}), new(*vidurtest.PanicError)},
		"misuse": {mutant(func(s *plain, _ *vidur.Replica) {
			s.after = func(_ *vidur.Replica, b *vidur.Batch) {
				if b.Len() > 0 {
					b.Add(b.Slots[0].Request, 1)
				}
			}
		}), new(*vidur.RunError)},
		"never": {func(*vidur.Replica) (vidur.Scheduler, error) {
			return vidur.SchedulerFunc(func(*vidur.Replica, *vidur.Batch) {}), nil
		}, new(*vidur.StuckError)},
		"state": {func(rep *vidur.Replica) (vidur.Scheduler, error) {
			return sched.Sarathi{Chunk: int(calls.Add(1))}.New(rep)
		}, new(*vidurtest.DigestError)},
	} {
		t.Run(name, func(t *testing.T) {
			f := vidurtest.Find(c.new)
			if f == nil {
				t.Fatal("nothing found")
			}
			if !errors.As(f, c.want) {
				t.Fatalf("want a %T, got %v", c.want, f)
			}
		})
	}
}

// lone waits for a second request when it is asked for the first time.
func lone(rep *vidur.Replica) (vidur.Scheduler, error) {
	s, asked := newPlain(rep), false
	return vidur.SchedulerFunc(func(rep *vidur.Replica, b *vidur.Batch) {
		if asked {
			s.Next(rep, b)
		}
		asked = true
	}), nil
}

func TestLawOfWork(t *testing.T) {
	c := vidurtest.Case{
		Replicas: []vidurtest.Shape{{PP: 1, Blocks: 8, BlockSize: 4, MaxTokens: 16}}, Base: 1,
		Arrivals: []vidur.Arrival{{At: 0, Prefill: 4, Decode: 2}, {At: 3, Prefill: 4, Decode: 2}},
	}
	err := vidurtest.Run(c.Config(lone, nil), &vidurtest.Laws{})
	var v *vidurtest.Violation
	if !errors.As(err, &v) || v.Law != vidurtest.Work || v.At != 3 || v.Request != 0 {
		t.Errorf("got %v", err)
	}
	if err := vidurtest.Run(c.Config(lone, nil), &vidurtest.Laws{MayIdle: true}); err != nil {
		t.Error(err)
	}
	c.Arrivals = c.Arrivals[:1]
	var stuck *vidur.StuckError
	if err := vidurtest.Run(c.Config(lone, nil), &vidurtest.Laws{}); !errors.As(err, &stuck) {
		t.Errorf("a request that waits for ever alone: %v", err)
	}
}

// private keeps the waiting requests in a slice of its own.
type private struct {
	*plain
	waiting []*vidur.Request
}

func (s *private) Next(rep *vidur.Replica, b *vidur.Batch) {
	for rep.Waiting.Len() > 0 {
		s.waiting = append(s.waiting, rep.Waiting.Pop())
	}
	if len(s.waiting) > 0 && rep.KV.Alloc(s.waiting[0], rep.KV.For(s.waiting[0].Total())) {
		rep.Waiting.Push(s.waiting[0])
		s.waiting = s.waiting[1:]
	}
	s.plain.Next(rep, b)
}

func TestOwnQueues(t *testing.T) {
	newPrivate := func(rep *vidur.Replica) (vidur.Scheduler, error) {
		s := &private{plain: newPlain(rep)}
		s.alloc = func(*vidur.Replica, *vidur.Request) bool { return true }
		return s, nil
	}
	vidurtest.Check(t, newPrivate, vidurtest.OwnQueues(), vidurtest.MayIdle(), vidurtest.FirstComeFirstServed(), vidurtest.Seed(3))
	if vidurtest.Find(newPrivate) == nil {
		t.Error("without the option the requests look lost")
	}
}
