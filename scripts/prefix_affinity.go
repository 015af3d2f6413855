//usr/bin/env go run "$0" "$@"; exit "$?"
//go:build ignore

// Prefix affinity: turns of a conversation go to the replica that has served it,
// whose prefix cache would hold its beginning, unless that one has too much to
// do. It counts what a prefix cache would find, and what balance that costs.
package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/govidur/govidur/kernel/nb"
	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/spec"
)

var p = struct {
	QPS      float64 `usage:"requests per second"`
	Requests int     `usage:"requests in all"`
	Replicas int     `usage:"replicas"`
	Sessions int     `usage:"conversations that most turns belong to"`
}{QPS: 60, Requests: 2000, Replicas: 4, Sessions: 5}

// sessions gives every arrival of a workload a conversation.
type sessions struct {
	vidur.Workload
	rng *rand.Rand
}

func (s *sessions) Next(now float64) (vidur.Arrival, error) {
	a, err := s.Workload.Next(now)
	a.Session = 1 + int(s.rng.ExpFloat64()*float64(p.Sessions)) // some talk a lot
	return a, err
}

// affinity prefers the home of a conversation to the least loaded replica while
// it has at most slack more requests to do.
type affinity struct {
	slack int
	home  map[int]int // conversation → replica
	found int         // turns that came home
}

func (a *affinity) Route(r *vidur.Request, c *vidur.Cluster) int {
	least := 0
	for i, rep := range c.Replicas {
		if rep.Outstanding() < c.Replicas[least].Outstanding() {
			least = i
		}
	}
	home, known := a.home[r.Session]
	if known && c.Replicas[home].Outstanding() <= c.Replicas[least].Outstanding()+a.slack {
		least = home
	}
	if known && least == home {
		a.found++
	}
	a.home[r.Session] = least
	return least
}

func main() {
	nb.Params(&p)
	e := spec.Default()
	e.QPS, e.Requests, e.Replicas = p.QPS, p.Requests, p.Replicas
	for _, slack := range []int{-1, 0, 4, 16, 1 << 30} {
		run, err := e.Build()
		nb.Check(err)
		plain := run.Config.NewWorkload
		run.Config.NewWorkload = func(rng *rand.Rand) (vidur.Workload, error) {
			w, err := plain(rng)
			return &sessions{w, run.Config.Stream("sessions")}, err
		}
		router := &affinity{slack: slack, home: map[int]int{}}
		run.Config.NewRouter = func(*vidur.Cluster, *rand.Rand) (vidur.Router, error) { return router, nil }
		store, err := run.Simulate(nb.Context())
		nb.Check(err)
		ttft, _ := store.Stat("prefill_e2e_time")
		fmt.Printf("slack %10d: %5.1f %% of turns come home, TTFT P50 %.3f s, P99 %.3f s\n",
			slack, 100*float64(router.found)/float64(p.Requests), ttft.P50, ttft.P99)
	}
}
