package plots_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/plots"
	"github.com/govidur/govidur/vidur/route"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/workload"
)

func ExampleCDF() {
	fig, err := plots.CDF("TTFT (s)",
		plots.Values("vLLM", []float64{0.1, 0.4, 0.2}), plots.Values("Sarathi", []float64{0.2, 0.3}))
	if err != nil {
		log.Fatal(err)
	}
	if err := fig.MarkPercentiles(50, 99); err != nil {
		log.Fatal(err)
	}
	fig.Title = "time to first token"
	pdf, err := fig.Bytes("pdf")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(pdf) > 0, fig.Width, "inches wide")
	// Output: true 3.3 inches wide
}

// A run, its batches and queues, and a metric of its requests.
func Example() {
	replay := make(workload.Replay, 40)
	for i := range replay {
		replay[i] = vidur.Arrival{At: 0.02 * float64(i), Prefill: 100 + 10*i, Decode: 20}
	}
	cfg := vidur.Config{
		Replicas: vidur.Uniform(2, vidur.ReplicaSpec{Blocks: 200, Predictor: vidur.PredictorFunc(
			func(b *vidur.Batch, _ int) (vidur.StageTime, error) {
				return vidur.Seconds(0.01 + 0.0001*float64(b.NumTokens)), nil
			})}),
		NewWorkload:  replay.New,
		NewRouter:    route.NewRoundRobin,
		NewScheduler: sched.VLLM{}.New,
	}
	store := metrics.New(metrics.Options{Replicas: cfg.Replicas})
	batches, history := &plots.Batches{Until: 0.5}, &plots.History{}
	sim, err := vidur.New(cfg, store, batches, history)
	if err == nil {
		err = sim.Run(context.Background())
	}
	if err != nil {
		log.Fatal(err)
	}
	ttft, err := plots.Metric("vLLM", store, "prefill_e2e_time")
	if err != nil {
		log.Fatal(err)
	}
	timeline, err1 := batches.Figure()
	queues, err2 := history.Figure()
	cdf, err3 := plots.CDF("TTFT (s)", ttft)
	if err := errors.Join(err1, err2, err3); err != nil {
		log.Fatal(err)
	}
	fmt.Println(timeline.Height, len(queues.Panels), cdf.Width)
	// Output: 1.15 3 3.3
}
