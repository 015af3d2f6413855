package vidur_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/sched"
)

// three requests, of which the first is the longest.
type three struct{ n int }

func (w *three) Next(float64) (vidur.Arrival, error) {
	if w.n == 3 {
		return vidur.Arrival{}, io.EOF
	}
	w.n++
	return vidur.Arrival{At: 0, Prefill: 400 / w.n, Decode: 3}, nil
}

func (w *three) Done(*vidur.Request) bool { return false }

// A replica is described by its memory and by how long its stages take: here
// 10 ms and 0.1 ms for each token of the batch.
var replica = vidur.ReplicaSpec{Blocks: 64, Predictor: vidur.PredictorFunc(func(b *vidur.Batch, _ int) (vidur.StageTime, error) {
	return vidur.Seconds(0.010 + 0.0001*float64(b.NumTokens)), nil
})}

func newThree(*rand.Rand) (vidur.Workload, error) { return &three{}, nil }

// completed prints the requests that a batch completes.
func completed(e *vidur.Event) {
	if e.Kind != vidur.BatchEnded {
		return
	}
	for _, s := range e.Batch.Slots {
		if r := s.Request; r.Completed() {
			fmt.Printf("request %d: first token after %.1f ms, last after %.1f ms\n", r.ID, 1e3*(r.PrefilledAt-r.At), 1e3*(r.CompletedAt-r.At))
		}
	}
}

// A simulation with a built-in scheduler. The three prompts fit into one batch.
func Example() {
	sim, err := vidur.New(vidur.Config{
		Replicas:     vidur.Uniform(1, replica),
		NewWorkload:  newThree,
		NewScheduler: sched.VLLM{}.New,
	}, vidur.RecorderFunc(completed))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := sim.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// request 0: first token after 83.3 ms, last after 103.9 ms
	// request 1: first token after 83.3 ms, last after 103.9 ms
	// request 2: first token after 83.3 ms, last after 103.9 ms
}

// A scheduler of one's own: the shortest prompt first, one request at a time.
func ExampleScheduler() {
	shortest := func(rep *vidur.Replica, b *vidur.Batch) {
		if r := rep.Running.Pop(); r != nil { // it decodes
			b.Add(r, 1)
			return
		}
		rep.Waiting.Sort(func(a, b *vidur.Request) bool { return a.Prefill < b.Prefill })
		if rep.Waiting.Len() > 0 && rep.KV.Alloc(rep.Waiting.At(0), rep.KV.For(rep.Waiting.At(0).Total())) {
			r := rep.Waiting.Pop()
			b.Add(r, r.Prompt)
		}
	}
	sim, err := vidur.New(vidur.Config{
		Replicas:     vidur.Uniform(1, replica),
		NewWorkload:  newThree,
		NewScheduler: func(*vidur.Replica) (vidur.Scheduler, error) { return vidur.SchedulerFunc(shortest), nil },
	}, vidur.RecorderFunc(completed))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := sim.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// request 2: first token after 23.3 ms, last after 43.5 ms
	// request 1: first token after 73.5 ms, last after 93.7 ms
	// request 0: first token after 143.7 ms, last after 163.9 ms
}

// shortestFirst is Sarathi with another order: shortest prompt first.
type shortestFirst struct{ limits vidur.Limits }

func (s shortestFirst) Next(rep *vidur.Replica, b *vidur.Batch) {
	rep.DecodeAll(b, s.limits)
	rep.Prefill(b, s.limits)
	rep.Waiting.SortBy(func(r *vidur.Request) float64 { return float64(r.Prompt) })
	for rep.Admit(b, s.limits) {
	}
}

func (s shortestFirst) Done(rep *vidur.Replica, b *vidur.Batch) { rep.Requeue(b) }

// A scheduler from the helpers that fill a batch: at most 8 requests, and prompts in
// chunks of up to 256 tokens beside the decodes.
func ExampleLimits() {
	sim, err := vidur.New(vidur.Config{
		Replicas:    vidur.Uniform(1, replica),
		NewWorkload: newThree,
		NewScheduler: func(*vidur.Replica) (vidur.Scheduler, error) {
			return shortestFirst{vidur.Limits{Requests: 8, Tokens: 256}}, nil
		},
	}, vidur.RecorderFunc(completed))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := sim.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// request 2: first token after 35.6 ms, last after 103.6 ms
	// request 1: first token after 71.2 ms, last after 113.8 ms
	// request 0: first token after 103.6 ms, last after 123.9 ms
}

// A router of one's own: long prompts have a replica to themselves.
func ExampleRouter() {
	byLength := func(r *vidur.Request, c *vidur.Cluster) int {
		if r.Prefill > 300 {
			return 1
		}
		return 0
	}
	sim, err := vidur.New(vidur.Config{
		Replicas:     vidur.Uniform(2, replica),
		NewWorkload:  newThree,
		NewRouter:    func(*vidur.Cluster, *rand.Rand) (vidur.Router, error) { return vidur.RouterFunc(byLength), nil },
		NewScheduler: sched.VLLM{}.New,
	}, vidur.RecorderFunc(completed))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := sim.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// request 1: first token after 43.3 ms, last after 63.7 ms
	// request 2: first token after 43.3 ms, last after 63.7 ms
	// request 0: first token after 50.0 ms, last after 70.2 ms
}

// A simulation can be stepped through and looked at between two events.
func ExampleSimulator_Step() {
	sim, err := vidur.New(vidur.Config{
		Replicas:     vidur.Uniform(1, replica),
		NewWorkload:  newThree,
		NewScheduler: sched.Sarathi{Chunk: 256}.New,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for sim.Step() && sim.Now() == 0 {
	}
	rep := sim.Cluster().Replicas[0]
	fmt.Printf("t=%.3f s: %d waiting, %d batch in flight, %d of %d KV blocks in use\n", sim.Now(), rep.Waiting.Len(), rep.ActiveBatches(), rep.KV.Used(), rep.KV.Blocks)
	// Output:
	// t=0.036 s: 2 waiting, 1 batch in flight, 25 of 64 KV blocks in use
}
