//usr/bin/env go run "$0" "$@"; exit "$?"
//go:build ignore

// A sweep and its figure: TTFT and TBT over the load, for three chunk sizes.
package main

import (
	"strings"

	"github.com/govidur/govidur/kernel/nb"
	"github.com/govidur/govidur/vidur/frames"
	"github.com/govidur/govidur/vidur/plots"
	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/spec"
)

var p = struct {
	QPS      []float64 `usage:"loads" unit:"requests/s"`
	Chunks   []int     `usage:"chunk sizes" unit:"tokens"`
	Requests int       `usage:"requests of a run"`
	Figure   string    `usage:"file for the figure; empty: none"`
}{QPS: []float64{2, 4, 6, 8, 10, 12}, Chunks: []int{256, 512, 2048}, Requests: 500}

func main() {
	nb.Params(&p)
	e := spec.Default()
	e.Requests = p.Requests
	res, err := search.Sweep(nb.Context(), e,
		search.Over("chunk", p.Chunks), search.Over("qps", p.QPS),
		search.Progress(nb.SweepBar("sweep")))
	nb.Check(err)
	nb.Check(res.Err())
	nb.Display(frames.Sweep(res).Select([]string{"chunk", "qps", "ttft_p99_s", "tbt_p99_s", "output_tokens_per_s"}))
	if p.Figure == "" {
		return
	}
	panels := []*plots.Figure{}
	for _, metric := range []string{"TTFT", "TBT"} {
		lines, err := frames.Curves(frames.Sweep(res), "qps", strings.ToLower(metric)+"_p99_s", "chunk")
		nb.Check(err)
		panel, err := plots.Curves("load (requests/s)", metric+" P99 (s)", lines...)
		nb.Check(err)
		panels = append(panels, panel)
	}
	fig, err := plots.Grid(2, panels...)
	nb.Check(err)
	nb.Check(fig.Save(p.Figure))
}
