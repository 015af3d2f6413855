package vidurtest_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/route"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/vidurtest"
)

// uneven is a predictor with overhead, which differs by stage and batch in no
// simple way; where odd, prompts may make a batch faster.
type uneven struct {
	cpu, odd bool
	attended float64
}

func (u uneven) SumsOnly() {}

func (u uneven) StageTime(b *vidur.Batch, stage int) (vidur.StageTime, error) {
	t := vidur.Seconds(0.003*float64(stage+1) + 0.0007*float64(b.NumTokens) + u.attended*float64(b.Attended))
	if u.odd && b.PrefillTokens > 0 {
		t.Ops[vidur.OpOther] /= 1 + float64(b.ID%3)
	}
	if u.cpu && b.ID%2 == 0 {
		t.Ops[vidur.OpSchedule] = 0.1 + 0.01*float64(len(b.Slots))
	}
	return t, nil
}

// holding holds a request back while more than one other is outstanding.
func holding(c *vidur.Cluster, rng *rand.Rand) (vidur.Router, error) {
	return vidur.RouterFunc(func(r *vidur.Request, c *vidur.Cluster) int {
		for i, rep := range c.Replicas {
			if rep.Outstanding() < 2 {
				return i
			}
		}
		return vidur.Hold
	}), nil
}

// moody forms batches at random: of some decodes, of prompts or of both, and
// preempts for no reason. It draws from a stream of its own, so it is the same each run.
type moody struct {
	rng *rand.Rand
}

func newMoody(rep *vidur.Replica) (vidur.Scheduler, error) {
	return &moody{rng: rand.New(rand.NewPCG(uint64(rep.ID), 5))}, nil
}

func (s *moody) Next(rep *vidur.Replica, b *vidur.Batch) {
	l := vidur.Limits{Requests: 1 + s.rng.IntN(6), Tokens: 1 + s.rng.IntN(20)}
	if s.rng.IntN(3) == 0 {
		l.Restart = (*vidur.Request).RestartAtDone
	}
	if s.rng.IntN(8) == 0 && rep.Running.Len() > 1 {
		rep.Preempt(rep.Running.PopBack())
	}
	if s.rng.IntN(3) > 0 {
		rep.Prefill(b, l)
	}
	if s.rng.IntN(3) > 0 {
		for rep.Admit(b, l) && s.rng.IntN(2) == 0 {
		}
	}
	if s.rng.IntN(4) > 0 || b.Len() == 0 {
		rep.DecodeAll(b, l)
	}
	if b.Len() == 0 && rep.ActiveBatches() == 0 {
		l = vidur.Limits{}
		rep.DecodeAll(b, l)
		rep.Prefill(b, l)
		for b.Len() == 0 && rep.Admit(b, l) {
		}
	}
}

func (s *moody) Done(rep *vidur.Replica, b *vidur.Batch) { rep.Requeue(b) }

// drawn is a case and what is drawn beside it.
func drawn(seed uint64) (vidurtest.Case, uneven, vidurtest.NewRouter) {
	rng := rand.New(rand.NewPCG(seed, 77))
	c := vidurtest.Random(rng)
	routers := []vidurtest.NewRouter{nil, route.NewLOR, route.NewRandom, holding}
	return c, uneven{rng.IntN(3) == 0, rng.IntN(5) == 0, []float64{0, 1e-6}[rng.IntN(2)]}, routers[rng.IntN(4)]
}

func TestBreakdownOfRandomCases(t *testing.T) {
	all := append(policies(), policy{"moody", newMoody, nil}, policy{"no hints", plant(func(*pager, *vidur.Replica) {}), nil},
		policy{"sarathi chunk 3 as the original", sched.Sarathi{Chunk: 3, RestartAtDone: true, Common: common(6, -1)}.New, nil})
	for _, p := range all {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			runs := 60
			for seed := range uint64(runs) {
				c, u, router := drawn(seed)
				cfg := c.Config(p.new, router)
				for i := range cfg.Replicas {
					cfg.Replicas[i].Predictor = u
					if p.name == "lightllm" || p.name == "lightllm eager" {
						cfg.Replicas[i].PP, cfg.Replicas[i].Blocks, cfg.Replicas[i].BlockSize = 1, cfg.Replicas[i].Blocks*cfg.Replicas[i].BlockSize, 1
					}
				}
				if err := vidurtest.Breakdown(cfg); err != nil {
					t.Fatalf("seed %d: %v\nin %v", seed, err, c)
				}
			}
		})
	}
}

// TestBreakdownOfRepeatedIterations is about requests that decode for long beside
// each other in too little memory, so that runs of repeated iterations end with
// preemptions, and what they processed is processed again in many small chunks.
func TestBreakdownOfRepeatedIterations(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 3))
		size := 1 + rng.IntN(3)
		c := vidurtest.Case{Replicas: []vidurtest.Shape{{PP: 1, Blocks: 64/size + rng.IntN(20), BlockSize: size, MaxTokens: 60}}}
		for range 2 + rng.IntN(4) {
			c.Arrivals = append(c.Arrivals, vidur.Arrival{At: 0, Prefill: 1 + rng.IntN(20), Decode: 1 + rng.IntN(40)})
		}
		for i := range c.Arrivals {
			c.Arrivals[i].At = float64(i) * []float64{0, 0.01, 0.2}[rng.IntN(3)]
		}
		slices.SortFunc(c.Arrivals, func(a, b vidur.Arrival) int { return cmp.Compare(a.At, b.At) })
		cfg := c.Config(sched.Sarathi{Chunk: 1 + rng.IntN(5), RestartAtDone: rng.IntN(2) == 0, Common: common(4, -1)}.New, nil)
		cfg.Replicas[0].Predictor = uneven{cpu: rng.IntN(4) == 0}
		if err := vidurtest.Breakdown(cfg); err != nil {
			t.Fatalf("seed %d: %v\nin %v", seed, err, c)
		}
	}
}
