package vidur_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
)

func withRouter(n int, f vidur.RouterFunc, arrivals ...vidur.Arrival) vidur.Config {
	cfg := config(n, arrivals...)
	cfg.NewRouter = func(*vidur.Cluster, *rand.Rand) (vidur.Router, error) { return f, nil }
	return cfg
}

func TestRouteOutOfRange(t *testing.T) {
	for _, i := range []int{2, 7, -2} {
		err := run(withRouter(2, func(*vidur.Request, *vidur.Cluster) int { return i }, at(0), at(1)))
		if err == nil || !strings.Contains(err.Error(), "the router sent request 0 to replica") || !strings.Contains(err.Error(), "of 2") {
			t.Errorf("%d: %v", i, err)
		}
	}
}

func TestHoldForEver(t *testing.T) {
	err := run(withRouter(2, func(*vidur.Request, *vidur.Cluster) int { return vidur.Hold }, at(0), at(1)))
	var stuck *vidur.StuckError
	if !errors.As(err, &stuck) || stuck.Replica != -1 || stuck.Request != 0 || stuck.Waiting != 2 || stuck.At != 1 {
		t.Errorf("%v", err)
	}
	if !strings.Contains(err.Error(), "the router never placed it (2 requests wait)") {
		t.Error(err)
	}
}

// TestHoldAndRelease holds all but one request back while one is outstanding:
// each is released by the end of the batch before it.
func TestHoldAndRelease(t *testing.T) {
	one := func(_ *vidur.Request, c *vidur.Cluster) int {
		if c.Replicas[0].Outstanding() > 0 {
			return vidur.Hold
		}
		return 0
	}
	ends := completions(t, withRouter(1, one, at(0), at(0), at(0.5)), 3)
	for i, want := range []float64{2, 4, 6} {
		if ends[i] != want {
			t.Errorf("request %d completes at %g s, want %g", i, ends[i], want)
		}
	}
}

// TestHoldIsAskedInOrderOfArrival: a router that releases all at once gets them
// in the order in which they came.
func TestHoldIsAskedInOrderOfArrival(t *testing.T) {
	var asked []int
	last := func(r *vidur.Request, c *vidur.Cluster) int {
		if c.Now < 3 {
			return vidur.Hold
		}
		asked = append(asked, r.ID)
		return 0
	}
	if err := run(withRouter(1, last, at(0), at(1), at(2), at(3))); err != nil {
		t.Fatal(err)
	}
	for i, id := range asked {
		if i != id || len(asked) != 4 {
			t.Fatalf("asked for %v", asked)
		}
	}
}

func TestNoRouterNeeded(t *testing.T) {
	cfg := config(1, at(0))
	cfg.NewRouter = nil
	if ends := completions(t, cfg, 1); ends[0] != 2 {
		t.Errorf("completes at %g s, want 2", ends[0])
	}
}

// TestRouterSeesItsOwnChoices: requests that are routed at one time see each
// other in the queues.
func TestRouterSeesItsOwnChoices(t *testing.T) {
	shortest := func(_ *vidur.Request, c *vidur.Cluster) int {
		if c.Replicas[1].Outstanding() < c.Replicas[0].Outstanding() {
			return 1
		}
		return 0
	}
	placed := map[int]int{}
	err := run(withRouter(2, shortest, at(0), at(0), at(0), at(0)), vidur.RecorderFunc(func(e *vidur.Event) {
		for _, r := range e.Requests {
			placed[r.ID] = r.Replica
		}
	}))
	for id, want := range []int{0, 1, 0, 1} {
		if placed[id] != want || err != nil {
			t.Errorf("request %d is on replica %d, want %d (%v)", id, placed[id], want, err)
		}
	}
}
