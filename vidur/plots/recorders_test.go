package plots

import (
	"context"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/workload"
)

// run simulates two requests, 10 ms an iteration, on two stages.
func run(t *testing.T, recorders ...vidur.Recorder) []vidur.ReplicaSpec {
	t.Helper()
	spec := vidur.ReplicaSpec{Blocks: 100, PP: 2, Predictor: vidur.PredictorFunc(
		func(*vidur.Batch, int) (vidur.StageTime, error) { return vidur.Seconds(0.01), nil })}
	sim, err := vidur.New(vidur.Config{
		Replicas:     vidur.Uniform(1, spec),
		NewWorkload:  workload.Replay{{At: 0, Prefill: 160, Decode: 3}, {At: 0.005, Prefill: 80, Decode: 2}}.New,
		NewScheduler: sched.VLLM{}.New,
	}, recorders...)
	need(t, err)
	need(t, sim.Run(context.Background()))
	return vidur.Uniform(1, spec)
}

func TestBatches(t *testing.T) {
	all, early, limited := &Batches{}, &Batches{Until: 0.015}, &Batches{Limit: 2}
	run(t, all, early, limited)
	spans := all.Spans()
	if len(spans) < 8 || len(spans)%2 != 0 || spans[0] != (Span{Start: 0, End: 0.01, Prefill: 160}) {
		t.Errorf("spans %+v", spans)
	}
	for _, s := range early.Spans() {
		if s.Start >= 0.015 {
			t.Errorf("span %+v is after the end", s)
		}
	}
	f := must(t)(limited.Figure())
	if len(limited.Spans()) != 2 || len(f.Notes) != 1 || !strings.Contains(f.Notes[0], "beyond the limit") {
		t.Errorf("%d spans, notes %q", len(limited.Spans()), f.Notes)
	}
	if _, err := new(Batches).Figure(); err == nil {
		t.Error("a timeline of nothing is no error")
	}
}

func TestHistory(t *testing.T) {
	h := &History{}
	run(t, h)
	memory, err := h.Memory(0)
	need(t, err)
	most := 0.0
	for i, v := range memory.Y {
		most = max(most, v)
		if i > 0 && memory.X[i] <= memory.X[i-1] {
			t.Errorf("times %v", memory.X)
		}
	}
	// 160 and 80 tokens are 10 and 5 blocks of 16, and each grows by one.
	if most < 15 || most > 17 || memory.Y[len(memory.Y)-1] != 0 {
		t.Errorf("memory %v %%", memory.Y)
	}
	if _, err := h.Waiting(1); err == nil {
		t.Error("a replica that there is not is no error")
	}
	if _, err := new(History).Figure(); err == nil {
		t.Error("a history of nothing is no error")
	}
	wellFormed(t, "history", must(t)(h.Figure()))
}

func TestMetric(t *testing.T) {
	for _, sketches := range []bool{false, true} {
		st := metrics.New(metrics.Options{Replicas: vidur.Uniform(1, vidur.ReplicaSpec{Blocks: 100, PP: 2}), SketchesOnly: sketches})
		run(t, st)
		s, err := Metric("run", st, "prefill_e2e_time")
		need(t, err)
		f := must(t)(CDF("TTFT (s)", s))
		if q := f.sorted[0].quantile(0.5); q < 0.019 || q > 0.026 {
			t.Errorf("the median TTFT is %g s", q)
		}
		if _, err := Metric("run", st, "none"); err == nil || !strings.Contains(err.Error(), `"run"`) {
			t.Errorf("a metric that there is not: %v", err)
		}
	}
}
