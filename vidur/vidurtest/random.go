package vidurtest

import (
	"math/rand/v2"
	"slices"

	"github.com/govidur/govidur/vidur"
)

// Random draws a case in which every request fits into every replica alone. The
// draws favour what policies get wrong: memory for a few requests only, ties in
// time, single tokens, prompts that end at the edge of a block or chunk.
func Random(rng *rand.Rand) Case { return random(rng, draws{}) }

// draws narrows what Random draws; 0 means free.
type draws struct {
	maxPP, blockSize int
	small            bool // few and short requests
}

func random(rng *rand.Rand, d draws) Case {
	c := Case{
		Base:     pick(rng, 0, 1.0/64, 1.0/64, 0.01, 0.25),
		PerToken: pick(rng, 0, 0, 1.0/1024, 0.0003),
	}
	limit := 1 << 30
	for range pick(rng, 1, 1, 1, 2, 3) {
		s, most := shape(rng, d)
		c.Replicas = append(c.Replicas, s)
		limit = min(limit, most)
	}
	n := pick(rng, 1, 2, 3, 5, 8, 13, 21, 40)
	if d.small {
		n, limit = 1+n%5, min(limit, 40)
	}
	for range n {
		c.Arrivals = append(c.Arrivals, lengths(rng, limit))
	}
	times(rng, c.Arrivals)
	if rng.IntN(6) == 0 {
		c.Clients = 1 + rng.IntN(n)
		for i := range c.Arrivals {
			c.Arrivals[i].At = pick(rng, 0, 0, 0.125, rng.Float64())
		}
		slices.SortFunc(c.Arrivals[:c.Clients], byTime)
	}
	return c
}

// shape draws a replica, and says how long a request may be there.
func shape(rng *rand.Rand, d draws) (Shape, int) {
	s := Shape{PP: pick(rng, 1, 1, 2, 3, 4), BlockSize: pick(rng, 1, 2, 4, 16)}
	if d.maxPP > 0 {
		s.PP = min(s.PP, d.maxPP)
	}
	if d.blockSize > 0 {
		s.BlockSize = d.blockSize
	}
	s.Blocks = pick(rng, 4, 6, 10, 25, 60, 300)
	if s.BlockSize == 1 {
		s.Blocks *= pick(rng, 2, 8)
	}
	if rng.IntN(20) == 0 { // room for prompts of several chunks
		s.Blocks = 12000 / s.BlockSize
	}
	most := min(s.room(), 4096)
	s.MaxTokens = max(most-rng.IntN(1+most/4), s.BlockSize, 2)
	return s, min(most, s.MaxTokens)
}

// lengths draws a request of at most limit tokens.
func lengths(rng *rand.Rand, limit int) vidur.Arrival {
	total := 2 + rng.IntN(limit-1)
	if rng.IntN(3) == 0 {
		total = 2 + rng.IntN(min(limit-1, 12))
	}
	p := 1 + rng.IntN(total-1)
	switch rng.IntN(5) {
	case 0: // a prompt about a power of two: blocks and chunks end there
		p = min(max(1, 1<<rng.IntN(12)+rng.IntN(3)-1), total-1)
	case 1: // one token of answer
		p = total - 1
	case 2: // one token of prompt
		p = 1
	}
	return vidur.Arrival{Prefill: p, Decode: min(total-p, 1+rng.IntN(200))}
}

// times draws when requests come, in order.
func times(rng *rand.Rand, as []vidur.Arrival) {
	mode, at := rng.IntN(4), 0.0
	for i := range as {
		switch mode {
		case 0: // all at once
		case 1: // on a grid, some together
			at += float64(rng.IntN(3)) / 64
		case 2: // bursts
			if rng.IntN(6) == 0 {
				at += rng.Float64()
			}
		case 3:
			at += rng.ExpFloat64() * 0.05
		}
		as[i].At = at
	}
}

func byTime(a, b vidur.Arrival) int {
	switch {
	case a.At < b.At:
		return -1
	case a.At > b.At:
		return 1
	}
	return 0
}

func pick[T any](rng *rand.Rand, from ...T) T { return from[rng.IntN(len(from))] }
