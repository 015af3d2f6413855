package vidurtest_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/vidurtest"
)

// pager is a correct paged scheduler with chunked prefills, written as a user
// would; the plants below are pager with one mistake each.
type pager struct {
	limits  vidur.Limits
	evict   func(rep *vidur.Replica, r *vidur.Request)
	admit   func(rep *vidur.Replica, r *vidur.Request) bool
	need    func(rep *vidur.Replica, r *vidur.Request) int // blocks that a decode lacks
	waiting func(rep *vidur.Replica)                       // what is done with the queue first
	requeue func(rep *vidur.Replica, b *vidur.Batch)
}

func newPager(rep *vidur.Replica) *pager {
	return &pager{
		limits: vidur.Limits{Requests: 4, Tokens: 8},
		evict:  (*vidur.Replica).Preempt,
		admit:  func(*vidur.Replica, *vidur.Request) bool { return true },
		need: func(rep *vidur.Replica, r *vidur.Request) int {
			return max(0, rep.KV.For(r.Done)-rep.KV.Held(r))
		},
		waiting: func(*vidur.Replica) {},
		requeue: (*vidur.Replica).Requeue,
	}
}

func (s *pager) Next(rep *vidur.Replica, b *vidur.Batch) {
	for n := rep.Running.Len(); n > 0 && b.Len() < s.limits.Requests; n-- {
		r := rep.Running.Pop()
		if r == nil {
			break
		}
		if !r.Prefilled() {
			rep.Running.Push(r)
			continue
		}
		need := s.need(rep, r)
		for rep.KV.Free() < need && rep.Running.Len() > 0 {
			s.evict(rep, rep.Running.PopBack())
		}
		if rep.KV.Alloc(r, need) {
			b.Add(r, 1)
		} else {
			s.evict(rep, r)
		}
	}
	rep.Prefill(b, s.limits)
	s.waiting(rep)
	for rep.Waiting.Len() > 0 && s.admit(rep, rep.Waiting.At(0)) && rep.Admit(b, s.limits) {
	}
}

func (s *pager) Done(rep *vidur.Replica, b *vidur.Batch) { s.requeue(rep, b) }

func plant(change func(s *pager, rep *vidur.Replica)) vidurtest.NewScheduler {
	return func(rep *vidur.Replica) (vidur.Scheduler, error) {
		s := newPager(rep)
		change(s, rep)
		return s, nil
	}
}

// keepBlocks requeues, but completed requests that leak says keep their blocks.
func keepBlocks(leak func(r *vidur.Request) bool) func(rep *vidur.Replica, b *vidur.Batch) {
	return func(rep *vidur.Replica, b *vidur.Batch) {
		for i := range b.Slots {
			switch r := b.Slots[i].Request; {
			case !r.Completed():
				rep.Running.Push(r)
			case !leak(r):
				rep.KV.Release(r)
			}
		}
	}
}

// never refuses the requests that refuse says.
func never(refuse func(rep *vidur.Replica, r *vidur.Request) bool) func(s *pager, rep *vidur.Replica) {
	return func(s *pager, _ *vidur.Replica) {
		s.admit = func(rep *vidur.Replica, r *vidur.Request) bool { return !refuse(rep, r) }
	}
}

// unordered goes by the order of a map.
func unordered(rep *vidur.Replica) {
	ids := map[int]int{}
	for i := range rep.Waiting.Len() {
		ids[rep.Waiting.At(i).ID] = i
	}
	for _, i := range ids {
		rep.Waiting.PushFront(rep.Waiting.Remove(i))
		return
	}
}

// shared is state that outlives a run.
func shared(keep func(rep *vidur.Replica) int) vidurtest.NewScheduler {
	admitted := map[int]int{}
	return plant(func(s *pager, rep *vidur.Replica) {
		key := keep(rep)
		s.admit = func(rep *vidur.Replica, r *vidur.Request) bool {
			admitted[key]++
			return rep.KV.Holders() == 0 || admitted[key]%3 != 0
		}
	})
}

var plants = []struct {
	name     string
	want     string // in the error
	requests int    // most in the smallest case
	replicas int    // in the smallest case
	new      vidurtest.NewScheduler
}{
	{"leak", `law "memory"`, 1, 1, plant(func(s *pager, _ *vidur.Replica) {
		s.requeue = keepBlocks(func(*vidur.Request) bool { return true })
	})},
	{"leak after preemption", `law "memory"`, 2, 1, plant(func(s *pager, _ *vidur.Replica) {
		s.requeue = keepBlocks(func(r *vidur.Request) bool { return r.Restarts > 0 })
	})},
	{"leak at a second preemption", `law "memory"`, 3, 1, plant(func(s *pager, _ *vidur.Replica) {
		s.requeue = keepBlocks(func(r *vidur.Request) bool { return r.Restarts > 1 })
	})},
	{"preempted with its blocks", "it was preempted and keeps", 2, 1, plant(func(s *pager, _ *vidur.Replica) {
		s.evict = func(rep *vidur.Replica, r *vidur.Request) {
			r.Restart()
			rep.Waiting.Push(r)
		}
	})},
	{"takes too much", "no request needs more than", 1, 1, plant(func(s *pager, _ *vidur.Replica) {
		s.need = func(*vidur.Replica, *vidur.Request) int { return 1 }
	})},
	{"a token too late", "tokens in", 1, 1, plant(func(s *pager, _ *vidur.Replica) {
		s.need = func(rep *vidur.Replica, r *vidur.Request) int { return max(0, rep.KV.For(r.Done-1)-rep.KV.Held(r)) }
	})},
	{"a block too little for long ones", "tokens in", 1, 1, plant(func(s *pager, _ *vidur.Replica) {
		s.need = func(rep *vidur.Replica, r *vidur.Request) int {
			return max(0, min(5, rep.KV.For(r.Done))-rep.KV.Held(r))
		}
	})},
	{"loses what it preempts", "lost", 2, 1, plant(func(s *pager, _ *vidur.Replica) {
		s.evict = func(rep *vidur.Replica, r *vidur.Request) { rep.KV.Release(r) }
	})},
	{"starves", "can never be scheduled", 4, 1, plant(never(func(_ *vidur.Replica, r *vidur.Request) bool { return r.ID%4 == 3 }))},
	{"starves after preemption", "can never be scheduled", 2, 1, plant(never(func(_ *vidur.Replica, r *vidur.Request) bool { return r.Restarts > 0 }))},
	{"starves on a second replica", "can never be scheduled", 2, 2, plant(never(func(rep *vidur.Replica, r *vidur.Request) bool { return rep.ID > 0 && r.Prompt > 2 }))},
	{"starves in a pipeline", "can never be scheduled", 1, 1, plant(never(func(rep *vidur.Replica, r *vidur.Request) bool { return rep.Spec.PP > 1 && r.Prompt > 3 }))},
	{"forgets in a pipeline", "lost", 2, 1, plant(func(s *pager, _ *vidur.Replica) {
		s.requeue = func(rep *vidur.Replica, b *vidur.Batch) {
			if rep.ActiveBatches() == 0 {
				rep.Requeue(b)
			}
		}
	})},
	{"last first", `law "order"`, 2, 1, plant(func(s *pager, _ *vidur.Replica) {
		s.waiting = func(rep *vidur.Replica) { rep.Waiting.SortBy(func(r *vidur.Request) float64 { return float64(-r.ID) }) }
	})},
	{"shares between replicas", `law "isolation"`, 6, 2, func() vidurtest.NewScheduler {
		counts := map[*byte]int{}
		var run *byte
		return plant(func(s *pager, rep *vidur.Replica) {
			if rep.ID == 0 {
				run = new(byte)
			}
			mine := run
			s.admit = func(rep *vidur.Replica, r *vidur.Request) bool {
				counts[mine]++
				return rep.KV.Holders() == 0 || counts[mine]%3 != 0
			}
		})
	}()},
	{"shares between runs", "schedulers share state", 4, 3, shared(func(rep *vidur.Replica) int { return rep.ID })},
	{"panics late", "the scheduler panicked: assignment to entry in nil map", 1, 1, plant(func(s *pager, _ *vidur.Replica) {
		var m map[int]int
		s.requeue = func(rep *vidur.Replica, b *vidur.Batch) {
			if b.Slots[0].Request.Done > 6 {
				m[b.ID]++
			}
			rep.Requeue(b)
		}
	})},
}

// TestPlants finds each planted mistake, one simulation at a time as for
// interpreted policies, and looks at how small the case is.
func TestPlants(t *testing.T) {
	for _, p := range plants {
		t.Run(p.name, func(t *testing.T) {
			opts := []vidurtest.Option{vidurtest.Paged(), vidurtest.OneAtATime(), vidurtest.MayIdle()}
			if strings.Contains(p.want, "order") {
				opts = append(opts, vidurtest.FirstComeFirstServed())
			}
			report := vidurtest.Search(t.Context(), p.new, opts...)
			f := report.Failure
			if f == nil {
				t.Fatal("nothing found")
			}
			t.Logf("case %d: %v\n%s", report.Cases, f, f.Script)
			if !strings.Contains(f.Err.Error(), p.want) || strings.Contains(f.Err.Error(), "\n") {
				t.Errorf("want %q", p.want)
			}
			tokens := 0
			for _, a := range f.Case.Arrivals {
				tokens += a.Prefill + a.Decode
			}
			if len(f.Case.Arrivals) > p.requests || len(f.Case.Replicas) > p.replicas || tokens > 16*len(f.Case.Arrivals) || len(f.Script) > 4000 {
				t.Errorf("%d requests of %d tokens on %d replicas", len(f.Case.Arrivals), tokens, len(f.Case.Replicas))
			}
		})
	}
}

func TestPagerKeepsTheLaws(t *testing.T) {
	vidurtest.Check(t, plant(func(*pager, *vidur.Replica) {}), vidurtest.Paged(), vidurtest.MayIdle())
}

// TestMapOrder: what goes by the order of a map is found, though not every run shows it.
func TestMapOrder(t *testing.T) {
	f := vidurtest.Find(plant(func(s *pager, _ *vidur.Replica) { s.waiting = unordered }), vidurtest.OneAtATime())
	var d *vidurtest.DigestError
	if f == nil || !errors.As(f, &d) || len(f.Case.Arrivals) > 8 {
		t.Errorf("got %v", f)
	}
}

// TestHang: a policy that never returns is found, and its case is cut to what came
// until then.
func TestHang(t *testing.T) {
	stop := make(chan bool)
	defer close(stop)
	f := vidurtest.Find(plant(func(s *pager, _ *vidur.Replica) {
		s.admit = func(_ *vidur.Replica, r *vidur.Request) bool {
			if r.Prompt > 5 {
				<-stop // as good as a loop, and quieter
			}
			return true
		}
	}), vidurtest.Stall(80*time.Millisecond))
	var hang *vidurtest.HangError
	if f == nil || !errors.As(f, &hang) || f.Script != "" || len(f.Case.Arrivals) > 4 {
		t.Errorf("got %v", f)
	}
}

// TestSearchEnds: when its context does, in the middle of a run too.
func TestSearchEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	runs := 0
	report := vidurtest.Search(ctx, func(rep *vidur.Replica) (vidur.Scheduler, error) {
		if runs++; runs == 20 {
			cancel()
			select {}
		}
		return newPager(rep), nil
	}, vidurtest.OneAtATime(), vidurtest.MayIdle())
	if report.Failure != nil || report.Cases == 0 || report.Cases >= 20 {
		t.Errorf("%+v", report)
	}
}

// TestGoexitIsFound: a policy that ends its goroutine does not end the search.
func TestGoexitIsFound(t *testing.T) {
	f := vidurtest.Find(plant(func(s *pager, _ *vidur.Replica) { s.waiting = func(*vidur.Replica) { runtime.Goexit() } }))
	if f == nil || !strings.Contains(f.Error(), "ended its goroutine") {
		t.Errorf("got %v", f)
	}
}

// TestFailureScriptRuns: the script of a case runs to the same violation.
func TestFailureScriptRuns(t *testing.T) {
	p := plants[0]
	f := vidurtest.Find(p.new)
	again := vidurtest.RunScript(f.Case.Script("mine"), func(string, *vidurtest.Args) (vidurtest.NewScheduler, error) { return p.new, nil })
	for _, text := range []string{f.Script, again} {
		if !strings.Contains(text, "arrives    r0") || !strings.Contains(text, "error: "+f.Err.Error()+"\n") {
			t.Error(text)
		}
	}
}

// TestClosedLoopScript: a script can have a closed loop.
func TestClosedLoopScript(t *testing.T) {
	c := vidurtest.Case{
		Replicas: []vidurtest.Shape{{PP: 1, Blocks: 8, BlockSize: 4, MaxTokens: 16}}, Base: 1,
		Arrivals: []vidur.Arrival{{Prefill: 4, Decode: 2}, {At: 3, Prefill: 4, Decode: 2}}, Clients: 1,
	}
	text := vidurtest.RunScript(c.Script("mine"), func(string, *vidurtest.Args) (vidurtest.NewScheduler, error) {
		return plant(func(*pager, *vidur.Replica) {}), nil
	})
	if !strings.Contains(text, "t=5      arrives    r1") {
		t.Error(text)
	}
}
