package vidur_test

import (
	"context"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/route"
	"github.com/govidur/govidur/vidur/sched"
)

// seconds is a predictor whose stages all take s seconds.
func seconds(s float64) vidur.Predictor {
	return vidur.PredictorFunc(func(*vidur.Batch, int) (vidur.StageTime, error) { return vidur.Seconds(s), nil })
}

// list is a workload of given requests; at its end comes err, or io.EOF.
type list struct {
	left []vidur.Arrival
	err  error
	done func(r *vidur.Request) bool
}

func (w *list) Next(float64) (vidur.Arrival, error) {
	if len(w.left) == 0 {
		if w.err != nil {
			return vidur.Arrival{}, w.err
		}
		return vidur.Arrival{}, io.EOF
	}
	a := w.left[0]
	w.left = w.left[1:]
	return a, nil
}

func (w *list) Done(r *vidur.Request) bool { return w.done != nil && w.done(r) }

// config runs these requests on n replicas of 100 blocks with vLLM, where a stage takes a second.
func config(n int, arrivals ...vidur.Arrival) vidur.Config {
	return vidur.Config{
		Replicas:     vidur.Uniform(n, vidur.ReplicaSpec{Blocks: 100, Predictor: seconds(1)}),
		NewWorkload:  func(*rand.Rand) (vidur.Workload, error) { return &list{left: arrivals}, nil },
		NewRouter:    route.NewRoundRobin,
		NewScheduler: sched.VLLM{}.New,
	}
}

// at is a request of 4 tokens of prompt and 2 of answer.
func at(t float64) vidur.Arrival { return vidur.Arrival{At: t, Prefill: 4, Decode: 2} }

func run(cfg vidur.Config, record ...vidur.Recorder) error {
	s, err := vidur.New(cfg, record...)
	if err != nil {
		return err
	}
	return s.Run(context.Background())
}

// completions runs cfg and returns when each request completed, by ID; 0 if it did not.
func completions(t *testing.T, cfg vidur.Config, n int) []float64 {
	t.Helper()
	ends := make([]float64, n)
	err := run(cfg, vidur.RecorderFunc(func(e *vidur.Event) {
		if e.Kind != vidur.BatchEnded {
			return
		}
		for i := range e.Batch.Slots {
			if r := e.Batch.Slots[i].Request; r.Completed() {
				ends[r.ID] = r.CompletedAt
			}
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	return ends
}
