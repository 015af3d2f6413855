//usr/bin/env go run "$0" "$@"; exit "$?"
//go:build ignore

// Sarathi and vLLM written out, to start a scheduler of one's own from, and the
// proof that they are the built-in ones: event by event the same.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/spec"
	"github.com/govidur/govidur/vidur/vidurtest"
)

// sarathi fills every batch to 512 tokens: decodes first, then chunks of running
// prompts, then of new ones.
type sarathi struct{ limits vidur.Limits }

func newSarathi(rep *vidur.Replica) (vidur.Scheduler, error) {
	return &sarathi{vidur.Limits{Requests: 128 / rep.Spec.PP, Tokens: 512, Holders: 128, Reserve: int(0.01 * float64(rep.KV.Blocks))}}, nil
}

func (s *sarathi) Next(rep *vidur.Replica, b *vidur.Batch) {
	rep.DecodeAll(b, s.limits)
	rep.Prefill(b, s.limits)
	rep.Running.SortByArrival()
	for rep.Admit(b, s.limits) {
	}
}

func (s *sarathi) Done(rep *vidur.Replica, b *vidur.Batch) { rep.Requeue(b) }

// vllm forms batches of whole prompts, or of decodes when no prompt can be
// admitted. A batch of prompts counts as if each were as long as the longest.
type vllm struct {
	tokens int // most in a batch of prompts
	limits vidur.Limits
}

func newVLLM(rep *vidur.Replica) (vidur.Scheduler, error) {
	tokens := 4096
	if rep.Spec.MaxTokens > tokens {
		tokens = rep.Spec.MaxTokens
	}
	return &vllm{tokens, vidur.Limits{Requests: 128 / rep.Spec.PP, Holders: 128, Reserve: int(0.01 * float64(rep.KV.Blocks)), Whole: true}}, nil
}

func (s *vllm) Next(rep *vidur.Replica, b *vidur.Batch) {
	longest := 0
	for rep.Waiting.Len() > 0 {
		if n := rep.Waiting.At(0).Prompt; n > longest {
			longest = n
		}
		if (b.Len()+1)*longest > s.tokens || !rep.Admit(b, s.limits) {
			break
		}
	}
	if b.Len() == 0 {
		rep.Running.SortByArrival()
		rep.DecodeAll(b, s.limits)
	}
}

func (s *vllm) Done(rep *vidur.Replica, b *vidur.Batch) { rep.Requeue(b) }

// digest runs an experiment and returns the digest of its events; newScheduler may
// be nil: the one that the experiment names.
func digest(e *spec.Experiment, newScheduler vidurtest.NewScheduler) *vidurtest.Digest {
	run, err := e.Build()
	if err != nil {
		log.Fatal(err)
	}
	if newScheduler != nil {
		run.Config.NewScheduler = newScheduler
	}
	d := &vidurtest.Digest{}
	if _, err := run.Simulate(context.Background(), d); err != nil {
		log.Fatal(err)
	}
	return d
}

func main() {
	e := spec.Default()
	e.QPS, e.Requests = 20, 1000
	for _, name := range []string{"sarathi", "vllm"} {
		newScheduler := newSarathi
		if name == "vllm" {
			newScheduler = newVLLM
		}
		e.Scheduler = name
		built, written := digest(e, nil), digest(e, newScheduler)
		fmt.Printf("%-8s %d events, digest %016x; written out %016x, equal: %v\n",
			name, built.Events(), built.Sum(), written.Sum(), built.Sum() == written.Sum())
	}
}
