package workload

import "fmt"

// CDF is a distribution of lengths: P[i] is the share of the requests that have
// at most Tokens[i] tokens. Between two entries every length is as frequent as
// the next.
type CDF struct {
	Tokens []int     `json:"tokens"` // rising; the first is one less than the shortest length
	P      []float64 `json:"p"`      // rising from 0 to 1
}

func (c *CDF) check(name string) error {
	n := len(c.Tokens)
	switch {
	case n < 2 || n != len(c.P):
		return fmt.Errorf("workload: %s has %d Tokens and %d P; it must have as many of both, and at least 2", name, n, len(c.P))
	case c.P[0] != 0 || c.P[n-1] != 1:
		return fmt.Errorf("workload: %s.P runs from %g to %g; it must be from 0 to 1", name, c.P[0], c.P[n-1])
	case c.Tokens[0] < 0 || c.Tokens[n-1] > mostTokens:
		return fmt.Errorf("workload: %s.Tokens runs from %d to %d; it must be from 0 to at most %d", name, c.Tokens[0], c.Tokens[n-1], mostTokens)
	}
	for i := 1; i < n; i++ {
		if c.Tokens[i] <= c.Tokens[i-1] || !(c.P[i] >= c.P[i-1]) {
			return fmt.Errorf("workload: %s: entry %d (%d tokens, %g) does not rise from the one before", name, i, c.Tokens[i], c.P[i])
		}
	}
	return nil
}

// at is the share of the requests that have at most t tokens.
func (c *CDF) at(t int) float64 {
	if t <= c.Tokens[0] {
		return 0
	}
	for i := 1; i < len(c.Tokens); i++ {
		if t > c.Tokens[i] {
			continue
		}
		part := float64(t-c.Tokens[i-1]) / float64(c.Tokens[i]-c.Tokens[i-1])
		return c.P[i-1] + float64(part*(c.P[i]-c.P[i-1]))
	}
	return 1
}

// mean is the mean length, in tokens.
func (c *CDF) mean() float64 {
	sum := 0.0
	for i := 1; i < len(c.P); i++ {
		middle := float64(c.Tokens[i-1]+c.Tokens[i]+1) / 2
		sum += float64(middle * (c.P[i] - c.P[i-1]))
	}
	return sum
}

// inverse draws from a CDF by inversion. guide[j] is a segment at or before the
// one of probability j/len(guide), so a search is a few steps long.
type inverse struct {
	segments []segment
	guide    []int32
}

type segment struct {
	p     float64 // probability below the segment
	low   float64 // tokens before the first of it
	slope float64 // tokens per probability
	high  int     // last length of it
}

func newInverse(c CDF) *inverse {
	v := &inverse{guide: make([]int32, max(64, len(c.P)))}
	for i := 1; i < len(c.P); i++ {
		if dp := c.P[i] - c.P[i-1]; dp > 0 {
			slope := float64(c.Tokens[i]-c.Tokens[i-1]) / dp
			v.segments = append(v.segments, segment{c.P[i-1], float64(c.Tokens[i-1]), slope, c.Tokens[i]})
		}
	}
	i := 0
	for j := range v.guide {
		for i+1 < len(v.segments) && v.segments[i+1].p <= float64(j)/float64(len(v.guide)) {
			i++
		}
		v.guide[j] = int32(i)
	}
	return v
}

// draw is the length below which the share u of the requests is, 0 <= u < 1.
func (v *inverse) draw(u float64) int {
	i := int(v.guide[int(u*float64(len(v.guide)))])
	for i+1 < len(v.segments) && v.segments[i+1].p <= u {
		i++
	}
	s := &v.segments[i]
	return min(int(s.low+float64((u-s.p)*s.slope))+1, s.high)
}
