package workload

import (
	"fmt"
	"math/rand/v2"
)

// Cut makes requests shorter that are longer than MaxTokens: both lengths lose
// in proportion, as in [ReadLengths].
type Cut struct {
	Lengths   Lengths
	MaxTokens int // largest prefill + decode, >= 2
}

// Start implements [Lengths].
func (c Cut) Start(rng *rand.Rand) (func() (int, int), error) {
	if c.Lengths == nil {
		return nil, fmt.Errorf("workload: Cut needs Lengths")
	}
	if err := within("Cut.MaxTokens", c.MaxTokens, 2, 2*mostTokens); err != nil {
		return nil, err
	}
	next, err := c.Lengths.Start(rng)
	if err != nil {
		return nil, err
	}
	return func() (int, int) {
		p, d := next()
		l := Tokens{p, d}.cut(c.MaxTokens)
		return l.Prefill, l.Decode
	}, nil
}

// Longest implements [Lengths].
func (c Cut) Longest() int {
	if c.Lengths == nil {
		return 0
	}
	if n := c.Lengths.Longest(); n > 0 {
		return min(n, c.MaxTokens)
	}
	return c.MaxTokens
}
