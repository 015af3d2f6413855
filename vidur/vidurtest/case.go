package vidurtest

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/route"
)

// Recipes, as the fields of vidur.Config take them.
type (
	NewScheduler = func(rep *vidur.Replica) (vidur.Scheduler, error)
	NewRouter    = func(c *vidur.Cluster, rng *rand.Rand) (vidur.Router, error)
)

// Case is a small simulation but for its policies. Its String is a Go literal.
type Case struct {
	Replicas []Shape
	Base     float64 // s, of a pipeline stage
	PerToken float64 // s, of a pipeline stage for each token of the batch
	Arrivals []vidur.Arrival

	// Clients makes a closed loop: the first Clients arrivals come by
	// themselves, each of the others after the completion of a request, At
	// seconds later. 0 means that all come by themselves, in order of At.
	Clients int
}

// Shape is a replica of a Case.
type Shape struct {
	PP        int // pipeline stages
	Blocks    int // of the KV cache
	BlockSize int // tokens
	MaxTokens int // longest prompt and answer
}

// Config is the simulation of c; newRouter may be nil: in turn.
func (c Case) Config(newScheduler NewScheduler, newRouter NewRouter) vidur.Config {
	if newRouter == nil {
		newRouter = route.NewRoundRobin
	}
	cfg := vidur.Config{
		NewWorkload: func(*rand.Rand) (vidur.Workload, error) {
			return &script{left: c.Arrivals, clients: c.Clients}, nil
		},
		NewRouter:    newRouter,
		NewScheduler: newScheduler,
	}
	for _, s := range c.Replicas {
		cfg.Replicas = append(cfg.Replicas, vidur.ReplicaSpec{
			PP: s.PP, Blocks: s.Blocks, BlockSize: s.BlockSize, MaxTokens: s.MaxTokens,
			Predictor: vidur.PredictorFunc(func(b *vidur.Batch, _ int) (vidur.StageTime, error) {
				return vidur.Seconds(c.Base + float64(c.PerToken*float64(b.NumTokens))), nil
			}),
		})
	}
	return cfg
}

func (c Case) String() string {
	var b strings.Builder
	b.WriteString("vidurtest.Case{Replicas: []vidurtest.Shape{")
	for i, s := range c.Replicas {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "{PP: %d, Blocks: %d, BlockSize: %d, MaxTokens: %d}", s.PP, s.Blocks, s.BlockSize, s.MaxTokens)
	}
	fmt.Fprintf(&b, "}, Base: %v, PerToken: %v, Arrivals: []vidur.Arrival{", c.Base, c.PerToken)
	for i, a := range c.Arrivals {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "{At: %v, Prefill: %d, Decode: %d}", a.At, a.Prefill, a.Decode)
	}
	b.WriteString("}")
	if c.Clients > 0 {
		fmt.Fprintf(&b, ", Clients: %d", c.Clients)
	}
	b.WriteString("}")
	return b.String()
}

// alone reports whether every request fits into every replica if it is alone,
// by its tokens and by the reservation of MaxTokens.
func (c Case) alone() bool {
	for _, s := range c.Replicas {
		reserved := (s.MaxTokens + s.BlockSize - 1) / s.BlockSize
		if s.PP < 1 || s.BlockSize < 1 || s.MaxTokens < s.BlockSize || reserved > s.Blocks {
			return false
		}
		for _, a := range c.Arrivals {
			if n := a.Prefill + a.Decode; n > min(s.MaxTokens, s.room()) {
				return false
			}
		}
	}
	return true
}

// room is the longest request that surely fits if it is alone, in tokens: a
// tenth of the blocks and one more stay free, for watermarks and rounding.
func (s Shape) room() int { return max((9*s.Blocks-10)*s.BlockSize/10, s.BlockSize, 2) }

// longest is the longest request, prompt and answer.
func (c Case) longest() int {
	n := 0
	for _, a := range c.Arrivals {
		n = max(n, a.Prefill+a.Decode)
	}
	return n
}

// tokens is the number that the case processes if nothing is preempted.
func (c Case) tokens() int {
	n := 0
	for _, a := range c.Arrivals {
		n += a.Prefill + a.Decode - 1
	}
	return n
}

// script is the workload of a Case.
type script struct {
	left    []vidur.Arrival
	clients int // 0 in an open loop
	given   int
	due     bool // a completion makes the next one known
}

func (w *script) Next(now float64) (vidur.Arrival, error) {
	if len(w.left) == 0 || w.clients > 0 && w.given >= w.clients && !w.due {
		return vidur.Arrival{}, io.EOF
	}
	a := w.left[0]
	w.left = w.left[1:]
	w.given++
	if w.due {
		a.At += now
		w.due = false
	}
	return a, nil
}

func (w *script) Done(*vidur.Request) bool {
	w.due = w.clients > 0 && w.given >= w.clients && len(w.left) > 0
	return w.due
}
