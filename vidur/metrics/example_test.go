package metrics_test

import (
	"context"
	"fmt"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/workload"
)

func Example() {
	cfg := vidur.Config{
		Replicas: vidur.Uniform(1, vidur.ReplicaSpec{Blocks: 100, Predictor: vidur.PredictorFunc(
			func(b *vidur.Batch, _ int) (vidur.StageTime, error) {
				return vidur.Seconds(0.01 + 0.0001*float64(b.NumTokens)), nil
			})}),
		NewWorkload:  workload.Replay{{At: 0, Prefill: 400, Decode: 3}, {At: 0.02, Prefill: 100, Decode: 2}}.New,
		NewScheduler: sched.VLLM{}.New,
	}
	st := metrics.New(metrics.Options{Replicas: cfg.Replicas, SLO: metrics.SLO{E2E: 0.08}})
	sim, err := vidur.New(cfg, st)
	if err == nil {
		err = sim.Run(context.Background())
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	ttft, _ := st.Stat("prefill_e2e_time")
	fmt.Printf("TTFT: mean %.3f s, max %.3f s\n", ttft.Mean, ttft.Max)
	for r := range st.Requests {
		fmt.Printf("request %d: TTFT %.3f s, TPOT %.4f s, E2E %.3f s\n", r.ID, r.TTFT(), r.TPOT(), r.E2E())
	}
	fmt.Printf("%d of %d requests met the SLO\n", st.Summary().Goodput.Requests, st.Completed())
	// Output:
	// TTFT: mean 0.050 s, max 0.050 s
	// request 0: TTFT 0.050 s, TPOT 0.0202 s, E2E 0.090 s
	// request 1: TTFT 0.050 s, TPOT 0.0102 s, E2E 0.060 s
	// 1 of 2 requests met the SLO
}
