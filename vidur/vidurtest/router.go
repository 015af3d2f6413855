package vidurtest

import (
	"errors"
	"math/rand/v2"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/sched"
)

// FindRouter is CheckRouter that returns the failure; nil if there is none.
func FindRouter(newRouter NewRouter, opts ...Option) *Failure {
	guarded := func(c *vidur.Cluster, rng *rand.Rand) (vidur.Router, error) {
		r, err := newRouter(c, rng)
		if r == nil || err != nil {
			return nil, err
		}
		return &guard{router: r}, nil
	}
	return Find(sched.VLLM{}.New, append([]Option{Router(guarded)}, opts...)...)
}

// guard checks that a router leaves the cluster as it is.
type guard struct{ router vidur.Router }

func (g *guard) Route(r *vidur.Request, c *vidur.Cluster) int {
	before := clusterDigest(r, c)
	i := g.router.Route(r, c)
	if clusterDigest(r, c) != before {
		panic(errors.New("it changed the cluster"))
	}
	return i
}

func clusterDigest(r *vidur.Request, c *vidur.Cluster) uint64 {
	var d Digest
	d.Record(&vidur.Event{Request: r})
	d.Cluster(c)
	return d.Sum()
}
