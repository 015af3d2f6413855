//usr/bin/env go run "$0" "$@"; exit "$?"
//go:build ignore

// A workload of one's own: bursts. Every so often many requests come at once;
// the rate over all is that of the even stream it is compared with.
package main

import (
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/govidur/govidur/kernel/nb"
	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/spec"
)

var p = struct {
	QPS      float64 `usage:"requests per second, over all"`
	Requests int     `usage:"requests in all"`
	Bursts   []int   `usage:"requests that come at once, one run each"`
}{QPS: 8, Requests: 1000, Bursts: []int{1, 4, 16, 64}}

// bursts is a Workload: groups of requests that come at the same moment.
type bursts struct {
	rng  *rand.Rand
	size int
	left int     // of the requests in all
	now  float64 // of the present burst, s
	n    int     // requests of it so far
}

func (w *bursts) Next(now float64) (vidur.Arrival, error) {
	if w.left == 0 {
		return vidur.Arrival{}, io.EOF
	}
	if w.n == w.size {
		w.n = 0
		w.now += w.rng.ExpFloat64() * float64(w.size) / p.QPS
	}
	w.n++
	w.left--
	prompt := 64 + int(w.rng.ExpFloat64()*700)
	if prompt > 3000 {
		prompt = 3000
	}
	return vidur.Arrival{At: w.now, Prefill: prompt, Decode: 16 + w.rng.IntN(256)}, nil
}

// Done is for workloads in which a completion brings another request.
func (w *bursts) Done(*vidur.Request) bool { return false }

func main() {
	nb.Params(&p)
	e := spec.Default()
	e.QPS, e.Requests = p.QPS, p.Requests
	for _, size := range p.Bursts {
		run, err := e.Build()
		nb.Check(err)
		run.Config.NewWorkload = func(rng *rand.Rand) (vidur.Workload, error) {
			return &bursts{rng: rng, size: size, left: p.Requests}, nil
		}
		store, err := run.Simulate(nb.Context())
		nb.Check(err)
		ttft, _ := store.Stat("prefill_e2e_time")
		fmt.Printf("bursts of %2d: TTFT P50 %6.3f s, P99 %6.3f s, %d of %d requests complete\n",
			size, ttft.P50, ttft.P99, store.Completed(), store.Arrived())
	}
}
