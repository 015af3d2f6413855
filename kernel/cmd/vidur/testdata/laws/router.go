//go:build ignore

// A router that takes a request out of a replica's queue, and one that is right.
package main

import (
	"math/rand/v2"

	"github.com/govidur/govidur/vidur"
)

type thief struct{}

func newThief(*vidur.Cluster, *rand.Rand) (vidur.Router, error) { return thief{}, nil }

func (thief) Route(r *vidur.Request, c *vidur.Cluster) int {
	rep := c.Replicas[0]
	if rep.Waiting.Len() > 0 {
		rep.Waiting.PushFront(rep.Waiting.PopBack())
	}
	return len(c.Replicas) - 1
}

type honest struct{ turn int }

func (h *honest) Route(r *vidur.Request, c *vidur.Cluster) int {
	h.turn++
	return h.turn % len(c.Replicas)
}

func main() {}
