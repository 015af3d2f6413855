// Package route has the routers: which replica takes a request.
package route

import (
	"math/rand/v2"

	"github.com/govidur/govidur/vidur"
)

// RoundRobin gives the requests to the replicas in turn.
type RoundRobin struct{ next int }

// NewRoundRobin is a recipe for vidur.Config.NewRouter.
func NewRoundRobin(*vidur.Cluster, *rand.Rand) (vidur.Router, error) { return &RoundRobin{}, nil }

// Route takes the next replica.
func (p *RoundRobin) Route(_ *vidur.Request, c *vidur.Cluster) int {
	i := p.next
	p.next = (i + 1) % len(c.Replicas)
	return i
}

// Random gives each request to any replica.
type Random struct{ rng *rand.Rand }

// NewRandom is a recipe for vidur.Config.NewRouter.
func NewRandom(_ *vidur.Cluster, rng *rand.Rand) (vidur.Router, error) { return &Random{rng}, nil }

// Route draws a replica.
func (p *Random) Route(_ *vidur.Request, c *vidur.Cluster) int { return p.rng.IntN(len(c.Replicas)) }

// LOR is the "least outstanding requests" of the original simulator: the
// replica with the fewest waiting requests. It does not see running ones, so
// with short queues it favours the first replica; LeastOutstanding does.
type LOR struct{}

// NewLOR is a recipe for vidur.Config.NewRouter.
func NewLOR(*vidur.Cluster, *rand.Rand) (vidur.Router, error) { return LOR{}, nil }

// Route takes the replica with the shortest queue.
func (LOR) Route(_ *vidur.Request, c *vidur.Cluster) int {
	return fewest(c, func(rep *vidur.Replica) int { return rep.Waiting.Len() })
}

// LeastOutstanding takes the replica with the fewest requests that are not
// complete, waiting or running.
type LeastOutstanding struct{}

// NewLeastOutstanding is a recipe for vidur.Config.NewRouter.
func NewLeastOutstanding(*vidur.Cluster, *rand.Rand) (vidur.Router, error) {
	return LeastOutstanding{}, nil
}

// Route takes the least loaded replica.
func (LeastOutstanding) Route(_ *vidur.Request, c *vidur.Cluster) int {
	return fewest(c, (*vidur.Replica).Outstanding)
}

// fewest is the first replica of which n is least.
func fewest(c *vidur.Cluster, n func(*vidur.Replica) int) int {
	best, least := 0, n(c.Replicas[0])
	for i, rep := range c.Replicas[1:] {
		if k := n(rep); k < least {
			best, least = i+1, k
		}
	}
	return best
}

// The routers look at the lengths of queues only.

// SumsOnly marks the router as one that needs no single requests.
func (*RoundRobin) SumsOnly() {}

// SumsOnly marks the router as one that needs no single requests.
func (*Random) SumsOnly() {}

// SumsOnly marks the router as one that needs no single requests.
func (LOR) SumsOnly() {}

// SumsOnly marks the router as one that needs no single requests.
func (LeastOutstanding) SumsOnly() {}
