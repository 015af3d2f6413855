package search

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/spec"
)

// small is an experiment of a few requests.
func small() *spec.Experiment {
	e := spec.Default()
	e.Requests, e.QPS = 60, 12
	return e
}

// shortestFirst is Sarathi with another order of the queue.
type shortestFirst struct{ vidur.Scheduler }

func newShortestFirst(rep *vidur.Replica) (vidur.Scheduler, error) {
	s, err := sched.Sarathi{Chunk: 512}.New(rep)
	return shortestFirst{s}, err
}

func (s shortestFirst) Next(rep *vidur.Replica, b *vidur.Batch) {
	rep.Waiting.Sort(func(a, b *vidur.Request) bool { return a.Prompt < b.Prompt })
	s.Scheduler.Next(rep, b)
}

// dump is everything that results say, to the last bit.
func dump(t testing.TB, r *Results) string {
	t.Helper()
	var text strings.Builder
	for _, name := range r.Names() {
		column, err := r.Column(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&text, "%s %T", name, column)
		if floats, ok := column.([]float64); ok {
			for _, v := range floats {
				fmt.Fprintf(&text, " %x", math.Float64bits(v))
			}
		} else {
			fmt.Fprintf(&text, " %q", column)
		}
		text.WriteString("\n")
	}
	return text.String()
}

func mustSweep(t testing.TB, base *spec.Experiment, options ...Option) *Results {
	t.Helper()
	r, err := Sweep(context.Background(), base, options...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// alone simulates an experiment without any sweep.
func alone(t testing.TB, e *spec.Experiment, change func(*vidur.Config) error) *metrics.Store {
	t.Helper()
	run, err := e.Build()
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		if err := change(&run.Config); err != nil {
			t.Fatal(err)
		}
	}
	store, err := run.Simulate(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// wants fails the test unless err says all parts.
func wants(t testing.TB, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error; want one with %q", parts)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
}

func newRand(seed int) *rand.Rand { return rand.New(rand.NewPCG(uint64(seed), 77)) }
