package metrics

import (
	"math"

	"github.com/govidur/govidur/vidur/internal/sketch"
)

// counts is the exact distribution of numbers that mostly are small, of tokens
// or requests in a batch. The zero value is empty and ready.
type counts struct {
	small []int64       // by value
	large sketch.Sketch // of values from maxSmall on
}

const maxSmall = 1 << 16

// add counts v >= 0.
func (c *counts) add(v int) {
	if uint(v) >= uint(len(c.small)) {
		c.addN(v, 1)
		return
	}
	c.small[v]++
}

func (c *counts) addN(v int, n int64) {
	if v < 0 || v >= maxSmall {
		c.large.AddN(float64(v), int(n))
		return
	}
	if v >= len(c.small) {
		size := max(256, len(c.small))
		for size <= v {
			size *= 2
		}
		c.small = append(c.small, make([]int64, size-len(c.small))...)
	}
	c.small[v] += n
}

// merge adds all that d counted.
func (c *counts) merge(d *counts) {
	for v, n := range d.small {
		if n > 0 {
			c.addN(v, n)
		}
	}
	c.large.Merge(&d.large)
}

// total is how many numbers were counted.
func (c *counts) total() int64 {
	n := int64(c.large.Count())
	for _, k := range c.small {
		n += k
	}
	return n
}

// sketch is the same distribution as a sketch.
func (c *counts) sketch() *sketch.Sketch {
	s := c.large.Clone()
	for v, n := range c.small {
		if n > 0 {
			s.AddN(float64(v), int(n))
		}
	}
	return s
}

// stat describes the distribution, exactly if no number is large.
func (c *counts) stat(name, unit string) Stat {
	s := sketchStat(name, unit, c.sketch())
	if c.large.Count() > 0 || s.Count == 0 {
		return s
	}
	s.Exact = true
	for i, p := range s.percentiles() {
		rank := percentiles[i] * float64(s.Count-1)
		low, high := c.at(int64(rank)), c.at(int64(math.Ceil(rank)))
		*p = low + float64((rank-math.Floor(rank))*(high-low))
	}
	return s
}

// at is the number of a rank, from 0 on.
func (c *counts) at(rank int64) float64 {
	for v, n := range c.small {
		if rank -= n; rank < 0 {
			return float64(v)
		}
	}
	return math.NaN()
}

// inBatches are the distributions over all batches.
func (s *Store) inBatches() (tokens, prefill, decode, size counts) {
	for _, m := range []struct{ to, mixed *counts }{{&tokens, &s.mixed.tokens}, {&decode, &s.mixed.decode}, {&size, &s.mixed.size}} {
		m.to.merge(m.mixed)
		m.to.merge(&s.decodeOnly)
	}
	prefill.merge(&s.mixed.prefill)
	if n := s.decodeOnly.total(); n > 0 {
		prefill.addN(0, n)
	}
	return tokens, prefill, decode, size
}
