package spec_test

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/exectime"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/spec"
	"github.com/govidur/govidur/vidur/workload"
)

// A run by names, as on the command line.
func Example() {
	e := spec.Default()
	e.Model, e.Device, e.Scheduler = "llama-3-8b", "h100", "vllm"
	e.Workload, e.QPS, e.Requests = "azure-conv-2023", 4, 500
	run, err := e.Build()
	if err != nil {
		log.Fatal(err)
	}
	store, err := run.Simulate(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	ttft, _ := store.Stat("prefill_e2e_time")
	fmt.Printf("%d requests complete, P99 TTFT below 1 s: %t\n", store.Completed(), ttft.P99 < 1)
	// Output: 500 requests complete, P99 TTFT below 1 s: true
}

// The same from its parts, with nothing found by name but the model, the GPU
// and the workload.
func Example_parts() {
	analytic, err := exectime.NewAnalytic(exectime.AnalyticOptions{})
	check(err)
	replica, err := catalog.Default().Replica("llama-3-8b", "h100", 1, 1)
	check(err)
	replica.Predictor, err = analytic.Predictor(replica)
	check(err)
	lengths, err := workload.Named("azure-conv-2023")
	check(err)
	replica.MaxTokens = lengths.Longest()
	cfg := vidur.Config{
		Seed:         42,
		Replicas:     vidur.Uniform(1, replica),
		NewWorkload:  workload.Synthetic{Intervals: workload.Poisson{QPS: 4}, Lengths: lengths, Requests: 500}.New,
		NewScheduler: sched.VLLM{}.New,
	}
	store := metrics.New(metrics.Options{Replicas: cfg.Replicas})
	sim, err := vidur.New(cfg, store)
	check(err)
	check(sim.Run(context.Background()))
	fmt.Println(store.Completed(), "requests complete")
	// Output: 500 requests complete
}

// A router of one's own: to the replica with the most free KV blocks.
func Example_router() {
	e := spec.Default()
	e.Replicas, e.QPS, e.Requests = 4, 30, 500
	run, err := e.Build()
	check(err)
	run.Config.NewRouter = func(*vidur.Cluster, *rand.Rand) (vidur.Router, error) {
		return vidur.RouterFunc(func(_ *vidur.Request, c *vidur.Cluster) int {
			best := 0
			for i, rep := range c.Replicas {
				if rep.KV.Free() > c.Replicas[best].KV.Free() {
					best = i
				}
			}
			return best
		}), nil
	}
	store, err := run.Simulate(context.Background())
	check(err)
	for _, use := range store.Use() {
		fmt.Printf("replica %d: more than 100 requests: %t\n", use.Replica, use.Completed > 100)
	}
	// Output:
	// replica 0: more than 100 requests: true
	// replica 1: more than 100 requests: true
	// replica 2: more than 100 requests: true
	// replica 3: more than 100 requests: true
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
