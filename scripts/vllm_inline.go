//usr/bin/env go run "$0" "$@"; exit "$?"
//go:build ignore

// vLLM's original scheduler written out, to start a scheduler of one's own from,
// and the proof that it is the built-in one: event by event the same.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/spec"
)

// vllm forms batches of whole prompts, or of decodes when no prompt can be
// admitted. A batch of prompts counts as if each were as long as the longest.
type vllm struct {
	tokens int // most in a batch of prompts
	limits vidur.Limits
}

func newVLLM(rep *vidur.Replica) (vidur.Scheduler, error) {
	limits := vidur.Limits{Requests: 128 / rep.Spec.PP, Holders: 128, Reserve: int(0.01 * float64(rep.KV.Blocks)), Whole: true}
	return &vllm{max(4096, rep.Spec.MaxTokens), limits}, nil
}

func (s *vllm) Next(rep *vidur.Replica, b *vidur.Batch) {
	longest := 0
	for rep.Waiting.Len() > 0 {
		longest = max(longest, rep.Waiting.At(0).Prompt)
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

func main() {
	e := spec.Default()
	e.Scheduler, e.QPS, e.Requests = "vllm", 20, 1000
	var events [2]vidur.Digest
	for i, policy := range []string{"built-in", "written out"} {
		run, err := e.Build()
		if err != nil {
			log.Fatal(err)
		}
		if policy == "written out" {
			run.Config.NewScheduler = newVLLM
		}
		if _, err := run.Simulate(context.Background(), &events[i]); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%-12s %d events, digest %016x\n", policy, events[i].Events(), events[i].Sum())
	}
	fmt.Println("equal:", events[0].Sum() == events[1].Sum())
}
