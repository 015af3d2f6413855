//usr/bin/env go run "$0" "$@"; exit "$?"
//go:build ignore

// A predictor of one's own: what if the memory were faster? Operators that wait
// for memory (attention of decodes, writing the cache) take less time; the
// matrix products of a batch of decodes do too, those of prompts do not.
package main

import (
	"fmt"

	"github.com/govidur/govidur/kernel/nb"
	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/spec"
)

var p = struct {
	QPS      float64   `usage:"requests per second"`
	Requests int       `usage:"requests in all"`
	Factors  []float64 `usage:"memory bandwidth over that of the device, one run each"`
}{QPS: 4, Requests: 600, Factors: []float64{1, 1.5, 2, 3}}

// fewTokens is the batch below which the weights' way from memory is what takes
// the time of a matrix product.
const fewTokens = 128

// faster is the predictor p with a memory that is times as fast.
type faster struct {
	p     vidur.Predictor
	times float64
}

func (f *faster) StageTime(b *vidur.Batch, stage int) (vidur.StageTime, error) {
	t, err := f.p.StageTime(b, stage)
	if err != nil {
		return t, err
	}
	bound := []vidur.Op{vidur.OpAttnDecode, vidur.OpKVSave}
	if b.NumTokens <= fewTokens {
		bound = append(bound, vidur.OpAttnPreProj, vidur.OpAttnPostProj, vidur.OpMLPUp, vidur.OpMLPDown, vidur.OpLMHead)
	}
	for _, op := range bound {
		t.Ops[op] /= f.times
	}
	return t, nil
}

func main() {
	nb.Params(&p)
	e := spec.Default()
	e.QPS, e.Requests = p.QPS, p.Requests
	for _, times := range p.Factors {
		run, err := e.Build()
		nb.Check(err)
		for i := range run.Config.Replicas {
			run.Config.Replicas[i].Predictor = &faster{run.Config.Replicas[i].Predictor, times}
		}
		store, err := run.Simulate(nb.Context())
		nb.Check(err)
		summary := store.Summary()
		tbt, _ := summary.Metric("inter_token_latency")
		e2e, _ := summary.Metric("request_e2e_time")
		fmt.Printf("memory × %.1f: TBT P50 %5.2f ms, P99 %5.2f ms, E2E P50 %.2f s\n", times, 1000*tbt.P50, 1000*tbt.P99, e2e.P50)
	}
}
