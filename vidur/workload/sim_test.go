package workload

import (
	"context"
	"testing"

	"github.com/govidur/govidur/vidur"
)

// greedy takes every request that waits or runs into the next batch.
func greedy(rep *vidur.Replica, b *vidur.Batch) {
	for _, q := range []*vidur.Queue{&rep.Running, &rep.Waiting} {
		for q.Len() > 0 {
			r := q.Pop()
			b.Add(r, max(1, r.Left()))
		}
	}
}

// Workloads do in the Simulator what they do by themselves.
func TestInSimulator(t *testing.T) {
	clients := map[int]float64{} // latest completion
	completed := 0
	recorder := vidur.RecorderFunc(func(e *vidur.Event) {
		switch e.Kind {
		case vidur.Arrived:
			before, again := clients[e.Request.Session]
			if again && e.At < before+2 || !again && e.At != 0 {
				t.Errorf("client %d is back at %g s, its answer came at %g s", e.Request.Session, e.At, before)
			}
		case vidur.BatchEnded:
			for _, s := range e.Batch.Slots {
				if s.Request.Completed() {
					clients[s.Request.Session] = e.At
					completed++
				}
			}
		}
	})
	sim, err := vidur.New(vidur.Config{
		Seed:         1,
		Replicas:     vidur.Uniform(1, vidur.ReplicaSpec{Predictor: vidur.PredictorFunc(func(*vidur.Batch, int) (vidur.StageTime, error) { return vidur.Seconds(0.25), nil }), Blocks: 1000}),
		NewWorkload:  ClosedLoop{Clients: 5, Requests: 100, Lengths: Range{50, 20, 0.5}, Think: 2}.New,
		NewScheduler: func(*vidur.Replica) (vidur.Scheduler, error) { return vidur.SchedulerFunc(greedy), nil },
	}, recorder)
	if err != nil {
		t.Fatal(err)
	}
	if err := sim.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if completed != 100 || len(clients) != 5 {
		t.Errorf("%d requests of %d clients are complete", completed, len(clients))
	}
}
