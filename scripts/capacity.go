//usr/bin/env go run "$0" "$@"; exit "$?"
//go:build ignore

// How many requests a second a deployment can take within an SLO, and what they
// cost: capacity and QPS per dollar over TP and chunk size.
package main

import (
	"fmt"

	"github.com/govidur/govidur/kernel/nb"
	"github.com/govidur/govidur/vidur/frames"
	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/spec"
)

var p = struct {
	Model    string  `usage:"model"`
	Device   string  `usage:"GPU"`
	Workload string  `usage:"workload"`
	TP       []int   `usage:"tensor-parallel degrees"`
	Chunks   []int   `usage:"chunk sizes" unit:"tokens"`
	TTFT     float64 `usage:"limit of TTFT P90" unit:"s"`
	TBT      float64 `usage:"limit of TBT P99" unit:"s"`
	Requests int     `usage:"requests of a probe"`
}{
	Model: "llama-3-70b", Device: "h100", Workload: "azure-conv-2023",
	TP: []int{2, 4, 8}, Chunks: []int{256, 512, 1024}, TTFT: 2, TBT: 0.1, Requests: 500,
}

// show displays a figure as a table of TP by chunk size.
func show(res *search.Results, figure string) {
	wide, err := frames.Pivot(frames.Sweep(res), []string{"tp"}, "chunk", figure)
	nb.Check(err)
	fmt.Println(figure + " by chunk size")
	nb.Display(wide)
}

func main() {
	nb.Params(&p)
	e := spec.Default()
	e.Model, e.Device, e.Workload, e.Requests = p.Model, p.Device, p.Workload, p.Requests
	res, err := search.Capacity(nb.Context(), e,
		search.Over("tp", p.TP), search.Over("chunk", p.Chunks),
		search.Meet(search.Percentile("ttft", 90, p.TTFT), search.Percentile("tbt", 99, p.TBT)),
		search.Progress(nb.SweepBar("capacity")))
	nb.Check(err)
	nb.Check(res.Err())
	show(res, "capacity_qps")
	show(res, "qps_per_usd")
	best, err := res.Best(search.Max("qps_per_usd"))
	nb.Check(err)
	fmt.Println("most requests per dollar:", res.Rows()[best].Point)
	front, err := res.Front([]search.Goal{search.Max("qps_per_usd"), search.Min("ttft_p90_s")})
	nb.Check(err)
	for _, i := range front {
		fmt.Println("on the front of dollars and TTFT:", res.Rows()[i].Point)
	}
}
