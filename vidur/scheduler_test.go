package vidur_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/vidurtest"
)

func withScheduler(next vidur.SchedulerFunc, arrivals ...vidur.Arrival) vidur.Config {
	cfg := config(1, arrivals...)
	cfg.NewScheduler = func(*vidur.Replica) (vidur.Scheduler, error) { return next, nil }
	return cfg
}

// TestMisuseEndsTheRun: what Batch.Add refuses is an error with its place.
func TestMisuseEndsTheRun(t *testing.T) {
	var kept *vidur.Request
	for _, c := range []struct {
		name string
		next vidur.SchedulerFunc
		want string
	}{
		{"same request twice", func(rep *vidur.Replica, b *vidur.Batch) {
			r := rep.Waiting.Pop()
			b.Add(r, 4)
			b.Add(r, 4)
		}, "t=5 s replica 0 batch 0: 4 tokens of request 0 were put into a batch, but it is in a batch already"},
		{"too many tokens", func(rep *vidur.Replica, b *vidur.Batch) {
			b.Add(rep.Waiting.Pop(), 5)
		}, "t=5 s replica 0 batch 0: 5 tokens of request 0 were put into a batch, but it has 4 left to prefill"},
		{"two decodes", func(rep *vidur.Replica, b *vidur.Batch) {
			if r := rep.Waiting.Pop(); r != nil {
				b.Add(r, 4)
			} else {
				b.Add(rep.Running.Pop(), 2)
			}
		}, "t=6 s replica 0 batch 1: 2 tokens of request 0 were put into a batch, but a decode takes one"},
		{"completed request", func(rep *vidur.Replica, b *vidur.Batch) {
			r := rep.Waiting.Pop()
			if r == nil {
				r = rep.Running.Pop()
			}
			switch {
			case r == nil:
				b.Add(kept, 1)
			case r.Prefilled():
				b.Add(r, 1)
			default:
				kept = r
				b.Add(r, r.Left())
			}
		}, "t=7 s replica 0 batch 2: 1 tokens of request 0 were put into a batch, but it is complete"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := run(withScheduler(c.next, at(5)))
			var place *vidur.RunError
			if !errors.As(err, &place) || !strings.HasSuffix(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestErrorStays: a run that ended with an error is over.
func TestErrorStays(t *testing.T) {
	s, err := vidur.New(withScheduler(func(rep *vidur.Replica, b *vidur.Batch) { b.Add(rep.Waiting.Pop(), 99) }, at(0)))
	if err != nil {
		t.Fatal(err)
	}
	first := s.Run(t.Context())
	if first == nil || s.Step() || s.Run(t.Context()) != first {
		t.Errorf("first %v, then %v", first, s.Run(t.Context()))
	}
}

// TestLostRequest: the engine cannot see requests that a scheduler keeps for
// itself; the laws say which was lost and when.
func TestLostRequest(t *testing.T) {
	lose := func(rep *vidur.Replica, b *vidur.Batch) { rep.Waiting.Pop() }
	err := vidurtest.Run(withScheduler(lose, at(0), at(5)), &vidurtest.Laws{})
	var v *vidurtest.Violation
	if !errors.As(err, &v) || v.Law != vidurtest.Requests || v.Request != 0 || v.At != 0 {
		t.Errorf("got %v", err)
	}
}

func TestStuckSaysWhy(t *testing.T) {
	cfg := config(1, at(0), vidur.Arrival{At: 3, Prefill: 99 * 16, Decode: 1}, vidur.Arrival{At: 4, Prefill: 99*16 + 1, Decode: 9}, at(5))
	err := run(cfg)
	var stuck *vidur.StuckError
	if !errors.As(err, &stuck) || stuck.Replica != 0 || stuck.Request != 2 || stuck.Waiting != 2 || stuck.Prefill != 99*16+1 {
		t.Fatalf("got %v", err)
	}
	if want := "it needs 100 KV blocks of 16 tokens, and the replica has 100 of which admission leaves 1 free"; stuck.Why != want {
		t.Errorf("why: %q, want %q", stuck.Why, want)
	}
	cfg.NewScheduler = func(*vidur.Replica) (vidur.Scheduler, error) {
		return vidur.SchedulerFunc(func(*vidur.Replica, *vidur.Batch) {}), nil
	}
	if err := run(cfg); !errors.As(err, &stuck) || stuck.Why != "" || stuck.Waiting != 4 || stuck.Request != 0 {
		t.Errorf("got %v", err)
	}
}

// TestStuckRunning: requests that run and are never scheduled again count too.
func TestStuckRunning(t *testing.T) {
	err := run(withScheduler(func(rep *vidur.Replica, b *vidur.Batch) {
		if r := rep.Waiting.Pop(); r != nil {
			b.Add(r, 4)
		}
	}, at(0), at(0)))
	var stuck *vidur.StuckError
	if !errors.As(err, &stuck) || stuck.Waiting != 2 || stuck.Request != 0 || stuck.At != 2 {
		t.Errorf("got %v", err)
	}
}

// TestAdvance: an iteration may bring a request further than the tokens that
// it processes, as when a draft is accepted.
func TestAdvance(t *testing.T) {
	var r vidur.Request
	cfg := config(1, vidur.Arrival{Prefill: 4, Decode: 7})
	cfg.NewScheduler = func(rep *vidur.Replica) (vidur.Scheduler, error) {
		s, err := sched.VLLM{}.New(rep)
		return vidur.SchedulerFunc(func(rep *vidur.Replica, b *vidur.Batch) {
			s.Next(rep, b)
			for i := range b.Slots {
				if b.Slots[i].Decode {
					b.Slots[i].Advance = 3
				}
			}
		}), err
	}
	laws := &vidurtest.Laws{}
	err := vidurtest.Run(cfg, laws, vidur.RecorderFunc(func(e *vidur.Event) {
		if e.Kind == vidur.BatchEnded {
			r = *e.Batch.Slots[0].Request
		}
	}))
	if err != nil || r.CompletedAt != 3 || r.Done != 11 {
		t.Errorf("completed at %g s with %d tokens: %v", r.CompletedAt, r.Done, err)
	}
}
