package spec_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/spec"
)

// counted counts iterations in which requests were not brought up to date.
type counted struct{ n int }

func (c *counted) Record(e *vidur.Event) {
	if e.Kind == vidur.BatchEnded {
		if _, ok := e.Batch.Repeated(); ok {
			c.n++
		}
	}
}

func (c *counted) SumsOnly() {}

// digests runs an experiment twice: as it is, and with a recorder that wants to
// see every request up to date, so that no iteration is only counted. It returns
// what was measured, to the last bit, events, blocks and error, and how many
// iterations were only counted.
func digests(t *testing.T, run *spec.Run) (fast, slow string, repeated int) {
	t.Helper()
	measure := func(recorders ...vidur.Recorder) string {
		store := metrics.New(run.Metrics)
		sim, err := vidur.New(run.Config, append(recorders, store)...)
		if err != nil {
			t.Fatal(err)
		}
		events := 0
		for sim.Step() {
			events++
		}
		err = sim.Run(context.Background())
		var text strings.Builder
		used := 0
		for _, rep := range sim.Cluster().Replicas {
			used += rep.KV.Used()
		}
		fmt.Fprintf(&text, "%s %d events, %d blocks, %v", store.Digest(), events, used, err)
		return text.String()
	}
	var c counted
	fast, slow = measure(&c), measure(&c, vidur.RecorderFunc(func(*vidur.Event) {}))
	return fast, slow, c.n
}

// TestRepeatedIterations: counting the iterations of a batch that is repeated
// changes no number, in the original's cases…
func TestRepeatedIterations(t *testing.T) {
	total := 0
	for _, c := range parityCases(t) {
		if strings.Contains(c.dir, "4096") || strings.Contains(c.dir, "faster") {
			continue // long, or never repeated
		}
		t.Run(filepath.Base(c.dir), func(t *testing.T) {
			fast, slow, n := digests(t, c.build(t))
			if total += n; fast != slow {
				t.Errorf("counted: %s\none by one: %s", fast, slow)
			}
		})
	}
	if total < 10_000 {
		t.Errorf("only %d iterations were counted", total)
	}
}

// … and in random ones with little memory, ties and long answers.
func TestRepeatedIterationsAtRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 0))
	pick := func(values ...string) string { return values[rng.IntN(len(values))] }
	total := 0
	for i := range 150 {
		args := []string{
			"--seed", fmt.Sprint(i), "--scheduler", pick("vllm", "sarathi"), "--router", pick("round_robin", "random", "lor", "least_outstanding"),
			"--replicas", pick("1", "1", "2", "3"), "--blocks", pick("70", "150", "400", "5000"), "--block-size", pick("1", "2", "7", "16"),
			"--workload", pick("range", "range", "fixed"), "--range-ratio", "0.9", "--prompt-tokens", pick("1", "20", "60"), "--output-tokens", pick("1", "2", "17", "90"),
			"--requests", "60", "--arrivals", pick("poisson", "static", "constant", "gamma"), "--qps", pick("1", "20", "200"), "--cv", "3",
			"--max-batch", pick("4", "128"), "--chunk", pick("8", "64", "512"), "--watermark", pick("0", "0.01", "0.1"), "--until", pick("0", "0", "3"),
			"--operations", "--per-batch", "--token-times",
		}
		if rng.IntN(3) == 0 {
			args = append(args, "--concurrency", pick("1", "5", "30"), "--think", pick("0", "0.05"), "--think-exponential")
		}
		fast, slow, n := digests(t, build(t, args...))
		if total += n; fast != slow {
			t.Fatalf("%q\ncounted: %s\none by one: %s", args, fast, slow)
		}
	}
	if total < 10_000 {
		t.Errorf("only %d iterations were counted", total)
	}
}

// TestLookingEndsRepetition: who looks at the cluster between two steps sees
// requests that are up to date, and changes nothing by looking.
func TestLookingEndsRepetition(t *testing.T) {
	run := build(t, "--scheduler", "vllm", "--workload", "fixed", "--requests", "30", "--prompt-tokens", "50", "--output-tokens", "80", "--qps", "30")
	want, _, _ := digests(t, run)
	for at := 1; at < 1600; at += 7 { // an iteration has six events
		store := metrics.New(run.Metrics)
		sim, err := vidur.New(run.Config, store)
		if err != nil {
			t.Fatal(err)
		}
		events := 0
		for ; sim.Step(); events++ {
			if events == at {
				for _, rep := range sim.Cluster().Replicas {
					if n := rep.Waiting.Len() + rep.Running.Len(); rep.ActiveBatches() == 0 && n != rep.Outstanding() {
						t.Errorf("after %d events %d of %d requests are in a queue, and no batch is in flight", at, n, rep.Outstanding())
					}
					for i := range rep.Running.Len() {
						if r := rep.Running.At(i); rep.KV.Held(r)*rep.KV.BlockSize < r.Done-1 {
							t.Errorf("after %d events request %d holds %d blocks for %d tokens", at, r.ID, rep.KV.Held(r), r.Done)
						}
					}
				}
			}
		}
		got := fmt.Sprintf("%s %d events, 0 blocks, %v", store.Digest(), events, sim.Run(context.Background()))
		if got != want {
			t.Errorf("looked after %d events: %s, want %s", at, got, want)
		}
	}
}
