//usr/bin/env go run "$0" "$@"; exit "$?"
//go:build ignore

// A first look: one simulation, its figures, and where the slow requests are.
package main

import (
	"fmt"

	"github.com/govidur/govidur/kernel/nb"
	"github.com/govidur/govidur/vidur/frames"
	"github.com/govidur/govidur/vidur/plots"
	"github.com/govidur/govidur/vidur/spec"
)

var p = struct {
	QPS      float64 `usage:"requests per second"`
	Requests int     `usage:"requests in all"`
	Figure   string  `usage:"file for the CDF of TTFT; empty: none"`
}{QPS: 8, Requests: 2000}

func main() {
	nb.Params(&p)
	e := spec.Default()
	e.QPS, e.Requests = p.QPS, p.Requests
	run, err := e.Build()
	nb.Check(err)
	store, err := run.Simulate(nb.Context())
	nb.Check(err)

	nb.Display(frames.Summary(store.Summary()).Select([]string{"name", "unit", "mean", "p50", "p90", "p99"}))

	requests := frames.Requests(store, "arrived_at", "request_num_prefill_tokens", "request_num_decode_tokens", "prefill_e2e_time", "request_e2e_time")
	byTTFT, err := frames.Sort(requests, "prefill_e2e_time")
	nb.Check(err)
	n := byTTFT.Nrow()
	fmt.Println("the three requests with the longest TTFT")
	nb.Display(byTTFT.Subset([]int{n - 1, n - 2, n - 3}))

	if p.Figure != "" {
		ttft, err := plots.Metric("", store, "prefill_e2e_time")
		nb.Check(err)
		fig, err := plots.CDF("TTFT (s)", ttft)
		nb.Check(err)
		nb.Check(fig.MarkPercentiles(50, 90, 99))
		nb.Check(fig.Save(p.Figure))
	}
}
