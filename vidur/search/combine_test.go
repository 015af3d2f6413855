package search

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/spec"
)

// whole is all that results say: figures, errors, probes and what they are of.
func whole(t *testing.T, r *Results) string {
	t.Helper()
	about, err := json.Marshal(r.About())
	if err != nil {
		t.Fatal(err)
	}
	text := dump(t, r) + string(about)
	for _, row := range r.Rows() {
		text += fmt.Sprint("\n", row.Point, row.Err, row.Probes)
	}
	return text
}

// someGrid is an experiment and some axes of it, on which some places cannot run.
func someGrid(rng *rand.Rand) (*spec.Experiment, []Option) {
	e := small()
	e.Requests, e.QPS = 20+rng.IntN(150), 2+10*rng.Float64()
	all := []Option{
		Over("chunk", 128, 512), Over("model", "llama-3-8b", "llama-2-70b"), Over("scheduler", "vllm", "sarathi", "orca"),
		Over("blocks", 0, 40), Over("tp", 1, 3), Over("arrivals", "poisson", "constant"), Seeds(3, 1),
		Choose("what", Choice{Label: "as it is"}, Choice{Label: "wrong", Experiment: func(*spec.Experiment) error { return fmt.Errorf("of %q", "a user") }}),
	}
	var axes []Option
	for _, i := range rng.Perm(len(all))[:1+rng.IntN(3)] {
		axes = append(axes, all[i])
	}
	return e, axes
}

// ways are options that must not change results: at random a store, cold or warm, a
// file of rows, parts, workers, and other processes.
func ways(t *testing.T, rng *rand.Rand) (what string, options []Option) {
	t.Helper()
	add := func(name string, o Option) { what, options = what+" "+name, append(options, o) }
	if rng.IntN(2) == 0 {
		add("spill", Spill(t.TempDir()))
	}
	if rng.IntN(2) == 0 {
		add("workers", Workers(1+rng.IntN(6)))
	}
	stored := rng.IntN(3) > 0
	if stored {
		add("store", Cache(t.TempDir()))
	}
	if rng.IntN(3) == 0 {
		w, err := NewWorker(Cache(t.TempDir()))
		if err != nil {
			t.Fatal(err)
		}
		add("elsewhere", Through(func(ctx context.Context, _ string, task []byte) ([]byte, error) { return w.Do(ctx, task) }))
	} else if !stored {
		add("alone", Shard(1, 1)) // a search that begins with what a neighbour can take has other probes
	}
	return what, options
}

// TestEveryWay: sweeps and searches of random grids are the same bytes however they
// are made: anew, in parts, from what is kept, elsewhere, on any number of workers.
func TestEveryWay(t *testing.T) {
	rng := newRand(21)
	for round := range 14 {
		e, axes := someGrid(rng)
		run, what := Sweep, "sweep"
		if round%2 > 0 {
			run, what = Capacity, "search"
			axes = append(axes, Meet(Percentile("tbt", 90+9*rng.Float64(), 0.01+0.02*rng.Float64()), Percentile("ttft", 90, 1)), Granularity(0.1))
			if rng.IntN(2) == 0 {
				axes = append(axes, Early(0.9))
			}
		}
		all := func(more ...Option) *Results {
			r, err := run(t.Context(), e, append(more, axes...)...)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		want := whole(t, all(Shard(1, 1)))
		how, options := ways(t, rng)
		if n := 1 + rng.IntN(3); strings.Contains(how, "store") {
			how += fmt.Sprintf(" %d parts", n)
			for _, i := range rng.Perm(n) {
				all(append(options, Shard(i+1, n))...)
			}
			options = append(options, CacheOnly())
			if strings.Contains(how, "elsewhere") {
				options = append(options, Through(nil))
			}
		}
		if got := whole(t, all(options...)); got != want {
			t.Errorf("round %d: %s,%s:\n%s\nnot\n%s", round, what, how, got, want)
		}
	}
}
