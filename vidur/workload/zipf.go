package workload

import (
	"math"
	"math/rand/v2"
)

// Zipf draws the total length from Zipf's law: the k-th of the lengths Min …
// Max has a weight of k^-Theta. The total is divided in a fixed ratio.
//
// The law is drawn from exactly. The original simulator has the approximation
// of Gray et al., "Quickly generating billion-record synthetic databases"
// (SIGMOD 1994), with a sum that is one term short; [Original] repeats it.
type Zipf struct {
	Theta    float64 // exponent, >= 0; 0 is uniform
	Min, Max int     // tokens, prompt and generated, 2 <= Min <= Max, at most 2^22 of them
	Ratio    float64 // prompt tokens per generated one, > 0

	// Scramble puts the weights in random order, so that frequent lengths are
	// spread over the range. The order follows from the seed. (In the original
	// it changes from process to process.)
	Scramble bool
}

const mostRanks = 1 << 22

// Start implements [Lengths].
func (z Zipf) Start(rng *rand.Rand) (func() (int, int), error) {
	err := first(notNegative("Zipf.Theta", z.Theta), checkTotals("Zipf", z.Min, z.Max, z.Ratio))
	if err != nil {
		return nil, err
	}
	n := z.Max - z.Min + 1
	if err := within("Zipf.Max-Min+1", n, 1, mostRanks); err != nil {
		return nil, err
	}
	rank := newInverse(z.cdf(n))
	var order []int
	if z.Scramble {
		order = rng.Perm(n)
	}
	return func() (int, int) {
		k := rank.draw(rng.Float64()) - 1
		if order != nil {
			k = order[k]
		}
		return divide(z.Min+k, z.Ratio)
	}, nil
}

// cdf is the distribution of the ranks 1 … n.
func (z Zipf) cdf(n int) CDF {
	c := CDF{Tokens: make([]int, n+1), P: make([]float64, n+1)}
	sum := 0.0
	for k := 1; k <= n; k++ {
		sum += math.Pow(float64(k), -z.Theta)
		c.Tokens[k], c.P[k] = k, sum
	}
	for k := range c.P {
		c.P[k] /= sum
	}
	return c
}

// Longest implements [Lengths].
func (z Zipf) Longest() int { return z.Max }
