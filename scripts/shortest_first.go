//usr/bin/env go run "$0" "$@"; exit "$?"
//go:build ignore

// Shortest prompt first against first come, first served, on the same requests.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/spec"
)

// shortestFirst is Sarathi with another order of the queue.
type shortestFirst struct{ vidur.Scheduler }

func newShortestFirst(rep *vidur.Replica) (vidur.Scheduler, error) {
	s, err := sched.Sarathi{Chunk: 512}.New(rep)
	return shortestFirst{s}, err
}

func (s shortestFirst) Next(rep *vidur.Replica, b *vidur.Batch) {
	rep.Waiting.Sort(func(a, b *vidur.Request) bool { return a.Prompt < b.Prompt })
	s.Scheduler.Next(rep, b)
}

func main() {
	e := spec.Default()
	e.QPS, e.Requests = 20, 2000
	for _, policy := range []string{"first come", "shortest first"} {
		run, err := e.Build()
		if err != nil {
			log.Fatal(err)
		}
		if policy == "shortest first" {
			run.Config.NewScheduler = newShortestFirst
		}
		store, err := run.Simulate(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		summary := store.Summary()
		ttft, _ := summary.Metric("prefill_e2e_time")
		fmt.Printf("%-15s TTFT mean %.3f s, P50 %.3f s, P99 %.3f s\n", policy, ttft.Mean, ttft.P50, ttft.P99)
	}
}
