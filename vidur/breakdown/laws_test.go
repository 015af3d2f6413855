package breakdown_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/breakdown"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/vidurtest"
)

var schedulers = map[string]vidurtest.NewScheduler{
	"vllm": sched.VLLM{}.New, "sarathi": sched.Sarathi{Chunk: 8}.New, "sarathi wide": sched.Sarathi{Chunk: 1 << 20}.New,
	"orca": sched.Orca{}.New, "faster_transformer": sched.FasterTransformer{}.New, "lightllm": sched.LightLLM{}.New,
}

// cases calls f with random cases for each scheduler.
func cases(t *testing.T, f func(t *testing.T, name string, c vidurtest.Case)) {
	for name := range schedulers {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(40) {
				c := vidurtest.Random(rand.New(rand.NewPCG(seed, 11)))
				for i := range c.Replicas {
					if r := &c.Replicas[i]; name == "lightllm" {
						r.PP, r.Blocks, r.BlockSize = 1, r.Blocks*r.BlockSize, 1
					}
				}
				f(t, name, c)
			}
		})
	}
}

// none fails for parts that a request has and should not.
func none(t *testing.T, c vidurtest.Case, rs []breakdown.Request, parts ...breakdown.Part) {
	t.Helper()
	for i := range rs {
		all := rs[i].All()
		for _, p := range parts {
			if all[p] != 0 {
				t.Fatalf("request %d has %g s of %s in %v", rs[i].ID, all[p], p, c)
			}
		}
	}
}

// TestAlone: requests that never meet compute, and do nothing else.
func TestAlone(t *testing.T) {
	cases(t, func(t *testing.T, name string, c vidurtest.Case) {
		for i := range c.Arrivals {
			c.Arrivals[i].At = 4096 * float64(i)
		}
		c.Clients = 0
		for _, r := range run(t, c.Config(schedulers[name], nil)) {
			all := r.All()
			if all[breakdown.Compute] != r.E2E() {
				t.Fatalf("request %d: %v in %v", r.ID, text(all), c)
			}
		}
	})
}

// TestPlenty: what there is enough of nobody waits for.
func TestPlenty(t *testing.T) {
	cases(t, func(t *testing.T, name string, c vidurtest.Case) {
		for i := range c.Replicas {
			c.Replicas[i].Blocks = 1 << 24
		}
		rs := run(t, c.Config(schedulers[name], nil))
		none(t, c, rs, breakdown.Router, breakdown.Memory, breakdown.Preempted, breakdown.Recompute, breakdown.CPU)
		if name == "sarathi wide" {
			for i := range c.Replicas {
				c.Replicas[i].PP = 1
			}
			rs = run(t, c.Config(schedulers[name], nil))
			none(t, c, rs, breakdown.Slots, breakdown.Tokens, breakdown.Policy, breakdown.LeftOut)
		}
	})
}

// TestOneStage: without a pipeline there are no bubbles, and where the time of an
// iteration does not depend on its tokens no prompt interferes.
func TestOneStage(t *testing.T) {
	cases(t, func(t *testing.T, name string, c vidurtest.Case) {
		for i := range c.Replicas {
			c.Replicas[i].PP = 1
		}
		none(t, c, run(t, c.Config(schedulers[name], nil)), breakdown.Bubble)
		c.PerToken = 0
		none(t, c, run(t, c.Config(schedulers[name], nil)), breakdown.Bubble, breakdown.Interference)
	})
}

// TestTimeOfStages: the parts in stages are the ExecTime that the engine counts.
func TestTimeOfStages(t *testing.T) {
	cases(t, func(t *testing.T, name string, c vidurtest.Case) {
		exec := map[int]vidur.Request{}
		var rec breakdown.Recorder
		record(t, c.Config(schedulers[name], nil), &rec, vidur.RecorderFunc(func(e *vidur.Event) {
			if e.Kind == vidur.BatchEnded {
				for _, s := range e.Batch.Slots {
					exec[s.Request.ID] = *s.Request
				}
			}
		}))
		for _, r := range rec.Requests() {
			all, want := r.All(), exec[r.ID]
			got := all[breakdown.CPU] + all[breakdown.Interference] + all[breakdown.Recompute] + all[breakdown.Compute]
			if math.Abs(got-want.ExecTime) > 1e-5 {
				t.Fatalf("request %d: %v s in stages, and the engine counts %v s in %v", r.ID, got, want.ExecTime, c)
			}
			if want.Restarts == 0 && all[breakdown.Preempted]+all[breakdown.Recompute] != 0 || r.Restarts != want.Restarts {
				t.Fatalf("request %d: %d restarts, want %d: %v in %v", r.ID, r.Restarts, want.Restarts, text(all), c)
			}
		}
	})
}

// TestLater: a run that begins 2048 s later is the same. Its times are multiples
// of 2^-13 s, so the Simulator adds them up exactly.
func TestLater(t *testing.T) {
	cases(t, func(t *testing.T, name string, c vidurtest.Case) {
		if c.Clients > 0 {
			return
		}
		c.Base, c.PerToken = 1.0/64, 1.0/1024
		for i := range c.Arrivals {
			c.Arrivals[i].At = math.Round(c.Arrivals[i].At*8192) / 8192
		}
		now := run(t, c.Config(schedulers[name], nil))
		for i := range c.Arrivals {
			c.Arrivals[i].At += 2048
		}
		later := run(t, c.Config(schedulers[name], nil))
		for i := range later {
			later[i].At -= 2048
		}
		if !slices.Equal(now, later) {
			t.Fatalf("later it is not the same in %v", c)
		}
	})
}

// TestFarAway: times that have no ticks sum up still.
func TestFarAway(t *testing.T) {
	k := vidurtest.Case{Replicas: []vidurtest.Shape{{PP: 1, Blocks: 100, BlockSize: 1, MaxTokens: 20}}, Base: 1,
		Arrivals: []vidur.Arrival{{At: 1e15, Prefill: 2, Decode: 5}}}
	if rs := run(t, k.Config(schedulers["vllm"], nil)); rs[0].E2E() != 0 || rs[0].At != 1<<32 {
		t.Errorf("%+v", rs[0])
	}
}
