package route_test

import (
	"context"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/route"
	"github.com/govidur/govidur/vidur/sched"
)

// burst is n requests, a tenth of a second apart.
type burst struct{ n, given int }

func (w *burst) Next(float64) (vidur.Arrival, error) {
	if w.given == w.n {
		return vidur.Arrival{}, io.EOF
	}
	w.given++
	return vidur.Arrival{At: 0.1 * float64(w.given), Prefill: 10, Decode: 5}, nil
}

func (w *burst) Done(*vidur.Request) bool { return false }

type newRouter = func(c *vidur.Cluster, rng *rand.Rand) (vidur.Router, error)

// places routes n requests to 4 replicas, a stage of which takes a second, and
// returns where each went.
func places(t *testing.T, r newRouter, seed uint64, n int) []int {
	t.Helper()
	var out []int
	sim, err := vidur.New(vidur.Config{
		Seed: seed,
		Replicas: vidur.Uniform(4, vidur.ReplicaSpec{Blocks: 10, Predictor: vidur.PredictorFunc(func(*vidur.Batch, int) (vidur.StageTime, error) {
			return vidur.Seconds(1), nil
		})}),
		NewWorkload:  func(*rand.Rand) (vidur.Workload, error) { return &burst{n: n}, nil },
		NewRouter:    r,
		NewScheduler: sched.VLLM{}.New,
	}, vidur.RecorderFunc(func(e *vidur.Event) {
		for _, q := range e.Requests {
			out = append(out, q.Replica)
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	if err := sim.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPlaces(t *testing.T) {
	for _, c := range []struct {
		name string
		new  newRouter
		want []int
	}{
		{"round robin", route.NewRoundRobin, []int{0, 1, 2, 3, 0, 1, 2, 3, 0}},
		// LOR sees waiting requests only: the first of each replica is in a batch at once, the second waits for its end.
		{"lor", route.NewLOR, []int{0, 0, 1, 1, 2, 2, 3, 3, 0}},
		{"least outstanding", route.NewLeastOutstanding, []int{0, 1, 2, 3, 0, 1, 2, 3, 0}},
	} {
		if got := places(t, c.new, 1, 9); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestRandom: all replicas get about their share, by the seed alone.
func TestRandom(t *testing.T) {
	a, b, other := places(t, route.NewRandom, 1, 400), places(t, route.NewRandom, 1, 400), places(t, route.NewRandom, 2, 400)
	if !slices.Equal(a, b) || slices.Equal(a, other) {
		t.Error("the choices do not follow from the seed")
	}
	var n [4]int
	for _, i := range a {
		n[i]++
	}
	for i := range n {
		if n[i] < 70 || n[i] > 130 { // 100 ± 3.5 standard deviations
			t.Errorf("replica %d got %d of 400", i, n[i])
		}
	}
}

// TestRecipesShareNothing: two routers of one recipe count for themselves.
func TestRecipesShareNothing(t *testing.T) {
	c := &vidur.Cluster{Replicas: make([]*vidur.Replica, 3)}
	a, _ := route.NewRoundRobin(c, nil)
	b, _ := route.NewRoundRobin(c, nil)
	if a.Route(nil, c) != 0 || b.Route(nil, c) != 0 || a.Route(nil, c) != 1 {
		t.Error("round robin does not begin at replica 0")
	}
}
