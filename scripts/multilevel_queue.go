//usr/bin/env go run "$0" "$@"; exit "$?"
//go:build ignore

// A multi-level queue: prompts are served in three classes by length, each class
// in order of arrival, and a prompt moves up a class when it has waited too long.
package main

import (
	"github.com/govidur/govidur/kernel/nb"
	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/frames"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/spec"
)

var p = struct {
	QPS      float64 `usage:"requests per second"`
	Requests int     `usage:"requests in all"`
	Patience float64 `usage:"wait after which a request moves up a class" unit:"s"`
}{QPS: 20, Requests: 1000, Patience: 2}

// multilevel is Sarathi with another order of the waiting queue.
type multilevel struct{ vidur.Scheduler }

func newMultilevel(rep *vidur.Replica) (vidur.Scheduler, error) {
	s, err := sched.Sarathi{Chunk: 512}.New(rep)
	return &multilevel{s}, err
}

func (m *multilevel) Next(rep *vidur.Replica, b *vidur.Batch) {
	rep.Waiting.SortBy(func(r *vidur.Request) float64 {
		level := 2
		if r.Prompt <= 256 {
			level = 0
		} else if r.Prompt <= 1024 {
			level = 1
		}
		level -= int((rep.Now - r.At) / p.Patience)
		if level < 0 {
			level = 0
		}
		return float64(level)*1e9 + r.At // classes first, arrival within a class
	})
	m.Scheduler.Next(rep, b)
}

func main() {
	nb.Params(&p)
	e := spec.Default()
	e.QPS, e.Requests = p.QPS, p.Requests
	res, err := search.Sweep(nb.Context(), e,
		search.Schedulers("sarathi", search.Scheduler("multilevel", newMultilevel)),
		search.Seeds(1, 2, 3))
	nb.Check(err)
	nb.Check(res.Err())
	df := frames.Sweep(res)
	means, err := frames.GroupBy(df, []string{"scheduler"},
		frames.Mean("ttft_p50_s"), frames.Mean("ttft_p99_s"), frames.Mean("e2e_p99_s"), frames.Mean("output_tokens_per_s"))
	nb.Check(err)
	nb.Display(means)
}
