package sched_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/route"
	"github.com/govidur/govidur/vidur/sched"
)

// poisson is n requests of one length that come at qps per second.
type poisson struct {
	n               int
	at, qps         float64
	prefill, decode int
	rng             *rand.Rand
}

func (w *poisson) Next(float64) (vidur.Arrival, error) {
	if w.n == 0 {
		return vidur.Arrival{}, io.EOF
	}
	w.n--
	w.at += w.rng.ExpFloat64() / w.qps
	return vidur.Arrival{At: w.at, Prefill: w.prefill, Decode: w.decode}, nil
}

func (w *poisson) Done(*vidur.Request) bool { return false }

// tally counts what a run costs.
type tally struct{ events, batches, tokens int }

func (t *tally) Record(e *vidur.Event) {
	t.events++
	if e.Kind == vidur.BatchEnded {
		t.batches++
		t.tokens += e.Batch.Len()
	}
}

// BenchmarkEngine runs 2000 requests of 512 + 512 tokens a replica, at a load
// that keeps the batches large, with stage times that cost nothing to look up.
// Beside the time of a run it reports
//
//	ns/event          of the event loop, policies included
//	ns/request-token  of an iteration, for each request in it
//	requests/s        simulated in a second of a CPU
//	requests/batch    how large the batches were
func BenchmarkEngine(b *testing.B) {
	for _, p := range []struct {
		name string
		new  func(rep *vidur.Replica) (vidur.Scheduler, error)
	}{{"vllm", sched.VLLM{}.New}, {"sarathi", sched.Sarathi{}.New}} {
		for _, replicas := range []int{1, 16} {
			b.Run(fmt.Sprintf("%s/replicas=%d", p.name, replicas), func(b *testing.B) {
				benchmark(b, replicas, p.new)
			})
		}
	}
}

func benchmark(b *testing.B, replicas int, newScheduler func(rep *vidur.Replica) (vidur.Scheduler, error)) {
	requests := 2000 * replicas
	cfg := vidur.Config{
		Replicas: vidur.Uniform(replicas, vidur.ReplicaSpec{Blocks: 30000, Predictor: vidur.PredictorFunc(func(b *vidur.Batch, _ int) (vidur.StageTime, error) {
			return vidur.Seconds(0.006 + 0.00005*float64(b.NumTokens)), nil
		})}),
		NewWorkload: func(rng *rand.Rand) (vidur.Workload, error) {
			return &poisson{n: requests, qps: 8 * float64(replicas), prefill: 512, decode: 512, rng: rng}, nil
		},
		NewRouter:    route.NewRoundRobin,
		NewScheduler: newScheduler,
	}
	var t tally
	b.ReportAllocs()
	for b.Loop() {
		s, err := vidur.New(cfg, &t)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Run(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	ns := float64(b.Elapsed().Nanoseconds())
	b.ReportMetric(ns/float64(t.events), "ns/event")
	b.ReportMetric(ns/float64(t.tokens), "ns/request-token")
	b.ReportMetric(float64(requests)*float64(b.N)/b.Elapsed().Seconds(), "requests/s")
	b.ReportMetric(float64(t.tokens)/float64(t.batches), "requests/batch")
}
