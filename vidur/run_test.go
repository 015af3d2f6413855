package vidur_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/vidurtest"
)

// TestCancel: a run notices within 1024 events that its context is done, and
// can go on afterwards.
func TestCancel(t *testing.T) {
	many := make([]vidur.Arrival, 500)
	for i := range many {
		many[i] = vidur.Arrival{At: float64(i), Prefill: 10, Decode: 20}
	}
	cfg := config(1, many...)
	for _, after := range []int{0, 1, 1000, 3000} {
		ctx, cancel := context.WithCancel(t.Context())
		events := 0
		s, err := vidur.New(cfg, vidur.RecorderFunc(func(*vidur.Event) {
			if events++; events == after {
				cancel()
			}
		}))
		if err != nil {
			t.Fatal(err)
		}
		if after == 0 {
			cancel()
		}
		if err := s.Run(ctx); !errors.Is(err, context.Canceled) || events > after+1024 {
			t.Errorf("canceled after %d events, returned after %d: %v", after, events, err)
		}
		if err := s.Run(t.Context()); err != nil || events < 6*500 {
			t.Errorf("going on: %v after %d events", err, events)
		}
		cancel()
	}
}

// TestUntil: the first event after Until is still handled, and is the last one.
func TestUntil(t *testing.T) {
	for _, c := range []struct {
		until float64
		last  float64
		kind  vidur.Kind
	}{
		{0, 12, vidur.Scheduled}, // to the end: at 10 s a request comes and takes 2 s
		{0.5, 1, vidur.StageEnded},
		{1, 2, vidur.StageEnded}, // all that happens at 1 s is handled
		{2, 10, vidur.Arrived},
		{11.5, 12, vidur.StageEnded},
		{12, 12, vidur.Scheduled},
		{99, 12, vidur.Scheduled},
	} {
		cfg := config(1, at(0), at(10))
		cfg.Until = c.until
		var last vidur.Event
		late := 0
		err := run(cfg, vidur.RecorderFunc(func(e *vidur.Event) {
			last = *e
			if c.until > 0 && e.At > c.until {
				late++
			}
		}))
		if err != nil || last.At != c.last || last.Kind != c.kind || late > 1 {
			t.Errorf("until %g s: the last event is %s at %g s, %d are late, %v", c.until, last.Kind, last.At, late, err)
		}
	}
}

// TestUntilIsNotStuck: requests that wait when the time is over are no error.
func TestUntilIsNotStuck(t *testing.T) {
	cfg := withScheduler(func(*vidur.Replica, *vidur.Batch) {}, at(0), at(5))
	cfg.Until = 3
	if err := run(cfg); err != nil {
		t.Error(err)
	}
}

func TestStepAndNow(t *testing.T) {
	s, err := vidur.New(config(1, at(2)))
	if err != nil {
		t.Fatal(err)
	}
	if s.Now() != 0 || s.Cluster().Waiting.Len() != 0 {
		t.Errorf("before the first event it is %g s", s.Now())
	}
	if !s.Step() || s.Now() != 2 || s.Cluster().Waiting.Len() != 1 {
		t.Errorf("after it, it is %g s", s.Now())
	}
	for s.Step() {
	}
	if s.Now() != 4 || s.Step() {
		t.Errorf("at the end it is %g s", s.Now())
	}
}

// TestDifferentReplicas: each replica has its own stages, predictor and memory.
func TestDifferentReplicas(t *testing.T) {
	cfg := config(3, at(0), at(0), at(0))
	cfg.Replicas[1].PP, cfg.Replicas[1].Predictor = 4, seconds(0.25)
	cfg.Replicas[2].TP, cfg.Replicas[2].PP, cfg.Replicas[2].Predictor, cfg.Replicas[2].Blocks = 2, 2, seconds(2), 5
	ends := completions(t, cfg, 3)
	for i, want := range []float64{2, 2, 8} { // 2 iterations, one after the other, of PP stages
		if ends[i] != want {
			t.Errorf("request %d completes at %g s, want %g", i, ends[i], want)
		}
	}
	if err := vidurtest.Run(cfg, &vidurtest.Laws{FCFS: true, Paged: true}); err != nil {
		t.Error(err)
	}
}

// TestPipeline works two batches through two stages of 1 s by hand.
func TestPipeline(t *testing.T) {
	cfg := config(1, at(0), vidur.Arrival{At: 0.5, Prefill: 4, Decode: 1})
	cfg.Replicas[0].PP = 2
	// Stage 0 works 0-1 on the first prompt, 1-2 on the second, 2-3 on the decode; stage 1 one second later.
	ends := completions(t, cfg, 2)
	if ends[0] != 4 || ends[1] != 3 {
		t.Errorf("completions at %v s, want 4 and 3", ends)
	}
}

// TestLinearWork: the number of events is 3 for each request that comes alone
// and 2 + 4 PP for each batch.
func TestLinearWork(t *testing.T) {
	for pp := 1; pp <= 4; pp++ {
		for _, n := range []int{1, 10, 100} {
			arrivals := make([]vidur.Arrival, n)
			for i := range arrivals {
				arrivals[i] = vidur.Arrival{At: 0.3 * float64(i), Prefill: 1 + i%40, Decode: 1 + i%7}
			}
			cfg := config(2, arrivals...)
			cfg.Replicas[0].PP, cfg.Replicas[1].PP = pp, pp
			events, batches := 0, 0
			err := run(cfg, vidur.RecorderFunc(func(e *vidur.Event) {
				events++
				batches += len(e.Batches)
			}))
			if want := 3*n + (2+4*pp)*batches; err != nil || events != want {
				t.Errorf("PP %d, %d requests, %d batches: %d events, want %d: %v", pp, n, batches, events, want, err)
			}
		}
	}
}

// TestStreamsAreApart: a router that draws numbers leaves the workload as it was.
func TestStreamsAreApart(t *testing.T) {
	draw := func(extra int) []float64 {
		var times []float64
		cfg := config(1)
		cfg.Seed = 7
		cfg.NewRouter = func(_ *vidur.Cluster, rng *rand.Rand) (vidur.Router, error) {
			for range extra {
				rng.Float64()
			}
			return vidur.RouterFunc(func(*vidur.Request, *vidur.Cluster) int { return 0 }), nil
		}
		cfg.NewWorkload = func(rng *rand.Rand) (vidur.Workload, error) {
			var as []vidur.Arrival
			for i := range 5 {
				as = append(as, at(float64(i)+rng.Float64()))
				times = append(times, as[i].At)
			}
			return &list{left: as}, nil
		}
		cfg.NewScheduler = sched.Orca{Reserve: sched.Reserve{Share: 1}}.New
		cfg.Replicas[0].Blocks = 256
		if err := run(cfg); err != nil {
			t.Fatal(err)
		}
		return times
	}
	a, b := draw(0), draw(100)
	for i := range a {
		if a[i] != b[i] {
			t.Errorf("request %d arrives at %g and %g s", i, a[i], b[i])
		}
	}
}
