package vidur_test

import (
	"io"
	"math/rand/v2"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/route"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/vidurtest"
)

// stream is a workload without end: a request every gap seconds.
type stream struct {
	at, gap         float64
	prefill, decode int
	given           int
}

func (w *stream) Next(float64) (vidur.Arrival, error) {
	if w.gap == 0 && w.given == 64 {
		return vidur.Arrival{}, io.EOF
	}
	w.given++
	w.at += w.gap
	return vidur.Arrival{At: w.at, Prefill: w.prefill, Decode: w.decode}, nil
}

func (w *stream) Done(*vidur.Request) bool { return false }

// schedulers are the built-in ones with settings for steady runs.
func schedulers() map[string]vidurtest.NewScheduler {
	return map[string]vidurtest.NewScheduler{
		"vllm":               sched.VLLM{}.New,
		"sarathi":            sched.Sarathi{}.New,
		"orca":               sched.Orca{}.New,
		"faster transformer": sched.FasterTransformer{}.New,
		"lightllm":           sched.LightLLM{}.New,
	}
}

func steady(t *testing.T, name string, w *stream) *vidur.Simulator {
	t.Helper()
	spec := vidur.ReplicaSpec{Blocks: 1 << 20, BlockSize: 1, MaxTokens: 1 << 12, Predictor: vidur.PredictorFunc(func(b *vidur.Batch, _ int) (vidur.StageTime, error) {
		return vidur.Seconds(0.01 + 1e-6*float64(b.NumTokens)), nil
	})}
	s, err := vidur.New(vidur.Config{
		Replicas:     vidur.Uniform(2, spec),
		NewWorkload:  func(*rand.Rand) (vidur.Workload, error) { return w, nil },
		NewRouter:    route.NewLeastOutstanding,
		NewScheduler: schedulers()[name],
	}, &vidurtest.Digest{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// steps handles n events.
func steps(t *testing.T, s *vidur.Simulator, n int) {
	for range n {
		if !s.Step() {
			t.Fatal("the run is over")
		}
	}
}

// TestNoAllocationPerEvent: once everything has grown, an iteration allocates
// nothing at all.
func TestNoAllocationPerEvent(t *testing.T) {
	for name := range schedulers() {
		s := steady(t, name, &stream{prefill: 100, decode: 100000})
		steps(t, s, 2000)
		if n := testing.AllocsPerRun(5, func() { steps(t, s, 5000) }); n != 0 {
			t.Errorf("%s: %g allocations in 5000 events", name, n)
		}
	}
}

// TestOneAllocationFor64Requests: requests that come and go cost an allocation
// for every 64 of them.
func TestOneAllocationFor64Requests(t *testing.T) {
	for name := range schedulers() {
		w := &stream{gap: 0.05, prefill: 100, decode: 20}
		s := steady(t, name, w)
		steps(t, s, 50000)
		before := w.given
		const runs = 4
		n := testing.AllocsPerRun(runs, func() { steps(t, s, 20000) })
		if most := float64(w.given-before)/64/(runs+1) + 1; n > most || w.given-before < 1000 {
			t.Errorf("%s: %g allocations in 20000 events with %d requests, want at most %g", name, n, (w.given-before)/(runs+1), most)
		}
	}
}
