//usr/bin/env go run "$0" "$@"; exit "$?"
//go:build ignore

// Sarathi written out, to start a scheduler of one's own from, and the proof that
// it is the built-in one: event by event the same.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/spec"
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

// Again says that the next batch is b once more, if all of b decodes and goes on:
// nothing new is let in. It changes no result. Compiled, the engine then counts
// such batches instead of forming them; interpreted, it does not see it.
func (s *sarathi) Again(rep *vidur.Replica, b *vidur.Batch) bool {
	return rep.Admissible(b, s.limits) == 0
}

func main() {
	e := spec.Default()
	e.Scheduler, e.QPS, e.Requests = "sarathi", 20, 1000
	var events [2]vidur.Digest
	var results [2]string
	for i, policy := range []string{"built-in", "written out"} {
		run, err := e.Build()
		if err != nil {
			log.Fatal(err)
		}
		if policy == "written out" {
			run.Config.NewScheduler = newSarathi
		}
		if _, err := run.Simulate(context.Background(), &events[i]); err != nil {
			log.Fatal(err)
		}
		store, err := run.Simulate(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		results[i] = store.Digest()
		fmt.Printf("%-12s %d events, digest %016x, of the results %.16s\n", policy, events[i].Events(), events[i].Sum(), results[i])
	}
	fmt.Println("equal:", events[0].Sum() == events[1].Sum() && results[0] == results[1])
}
