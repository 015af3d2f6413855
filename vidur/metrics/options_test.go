package metrics_test

import (
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/metrics"
)

// What batches outside of the range bring is left out, completions too.
func TestBatchRange(t *testing.T) {
	all, some := metrics.New(metrics.Options{KeepBatches: true}), metrics.New(metrics.Options{KeepBatches: true, MinBatch: 20, MaxBatch: 119})
	run(t, loadConfig(300), all, some)
	if n := some.Summary().Batches; n != 100 {
		t.Errorf("%d batches, want 100", n)
	}
	if some.Completed() >= all.Completed() || some.Arrived() != all.Arrived() || some.End() != all.End() {
		t.Errorf("%d of %d requests complete at %g s", some.Completed(), some.Arrived(), some.End())
	}
	if opt := some.Options(); opt.MinBatch != 20 {
		t.Errorf("%+v", opt)
	}
}

// An iteration that emits three tokens of a request emits them at once: it is
// one time between emissions. One that emits none is not one.
func TestSeveralTokensPerIteration(t *testing.T) {
	st := metrics.New(metrics.Options{TokenSeries: true})
	e := decodeBatch(4)
	e.Batch.Slots[1].Advance = 3
	e.Batch.Slots[2].Advance = 0
	e.Batch.Slots[3].Request.PrevEnd = 0.5
	e.At = 1.25
	st.Record(e)
	sum := st.Summary()
	itl, _ := sum.Metric("inter_token_latency")
	if sum.EmittedTokens != 5 || itl.Count != 3 || itl.Min != 0.25 || itl.Max != 0.75 {
		t.Errorf("%d tokens, %+v", sum.EmittedTokens, itl)
	}
}

func TestGoodputWithoutRows(t *testing.T) {
	slo := metrics.SLO{TTFT: 0.5}
	st := metrics.New(metrics.Options{SketchesOnly: true, SLO: slo})
	run(t, loadConfig(300), st)
	if _, ok := st.Goodput(metrics.SLO{TTFT: 1}); ok || st.Len() != 0 {
		t.Error("goodput of an SLO that was not known during the run")
	}
	if g, ok := st.Goodput(slo); !ok || g.Requests == 0 {
		t.Errorf("%+v", g)
	}
	var _ vidur.Recorder = st
}
