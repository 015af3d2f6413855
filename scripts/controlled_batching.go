//usr/bin/env go run "$0" "$@"; exit "$?"
//go:build ignore

// Controlled batching: vLLM's policy, except that prompts are only let in when at
// least so many places of the batch are free. Fewer, larger prefills stall the
// decodes less often; the prompts wait longer for it.
package main

import (
	"github.com/govidur/govidur/kernel/nb"
	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/frames"
	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/spec"
)

var p = struct {
	QPS      float64 `usage:"requests per second"`
	Requests int     `usage:"requests in all"`
	Batch    int     `usage:"most requests that run"`
	Prefill  []int   `usage:"free places for which prompts wait, one run each"`
}{QPS: 6, Requests: 600, Batch: 16, Prefill: []int{1, 4, 8, 16}}

// controlled lets prompts in when at least prefill of limits.Holders places are
// free, or when nothing runs.
type controlled struct {
	prefill int
	limits  vidur.Limits
}

func (c *controlled) Next(rep *vidur.Replica, b *vidur.Batch) {
	free := c.limits.Holders - rep.Running.Len()
	if free >= c.prefill || rep.Running.Len() == 0 {
		for rep.Admit(b, c.limits) {
		}
	}
	if b.Len() == 0 {
		rep.DecodeAll(b, c.limits)
	}
}

func (c *controlled) Done(rep *vidur.Replica, b *vidur.Batch) { rep.Requeue(b) }

// factory makes the schedulers of one variant.
func factory(prefill int) func(rep *vidur.Replica) (vidur.Scheduler, error) {
	return func(rep *vidur.Replica) (vidur.Scheduler, error) {
		limits := vidur.Limits{Tokens: 8192, Holders: p.Batch, Reserve: rep.KV.Blocks / 100, Whole: true}
		return &controlled{prefill, limits}, nil
	}
}

func main() {
	nb.Params(&p)
	e := spec.Default()
	e.QPS, e.Requests = p.QPS, p.Requests
	variants := []search.Choice{}
	for _, n := range p.Prefill {
		variants = append(variants, search.Choice{Label: n, Config: func(c *vidur.Config) error {
			c.NewScheduler = factory(n)
			return nil
		}})
	}
	res, err := search.Sweep(nb.Context(), e, search.Choose("prefill_batch_size", variants...))
	nb.Check(err)
	nb.Check(res.Err())
	nb.Display(frames.Sweep(res).Select([]string{"prefill_batch_size", "ttft_p50_s", "ttft_p99_s", "tbt_p50_s", "tbt_p99_s", "e2e_p50_s", "output_tokens_per_s"}))
}
