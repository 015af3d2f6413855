package vidurtest

import (
	"math/rand/v2"
	"slices"

	"github.com/govidur/govidur/vidur"
)

// shrink looks for a smaller case that fails too: it takes away requests,
// replicas and stages, then makes the numbers that are left smaller, until no
// single step can be taken or most cases were tried.
func shrink(c Case, most int, fails func(Case) bool) Case {
	for {
		smaller, ok := step(c, &most, fails)
		if !ok {
			return c
		}
		c = smaller
	}
}

// step finds one smaller case that fails.
func step(c Case, most *int, fails func(Case) bool) (Case, bool) {
	for t := range candidates(c) {
		if *most <= 0 {
			return c, false
		}
		if !t.alone() {
			continue
		}
		*most--
		if fails(t) {
			return t, true
		}
	}
	return c, false
}

// tiny draws a case with no more requests than one that fails, and as many replicas
// and stages. Fewer requests often take other numbers, which steps do not reach.
func tiny(rng *rand.Rand, c Case, d draws) Case {
	t := Case{Base: 1}
	for _, s := range c.Replicas {
		s.Blocks, s.BlockSize = 2+rng.IntN(6), pick(rng, 1, 2, 4)
		if d.blockSize > 0 {
			s.BlockSize = d.blockSize
		}
		s.MaxTokens = max(s.room(), s.BlockSize)
		t.Replicas = append(t.Replicas, s)
	}
	at := 0.0
	for range 1 + rng.IntN(len(c.Arrivals)) {
		at += float64(pick(rng, 0, 0, 1))
		total := 2 + rng.IntN(max(1, t.Replicas[0].room()-1))
		p := 1 + rng.IntN(total-1)
		t.Arrivals = append(t.Arrivals, vidur.Arrival{At: at, Prefill: p, Decode: total - p})
	}
	return t
}

// candidates yields cases a little smaller than c, the boldest first.
func candidates(c Case) func(yield func(Case) bool) {
	return func(yield func(Case) bool) {
		_ = fewer(c, yield) && simpler(c, yield) && shorter(c, yield)
	}
}

// with returns c changed by f, which works on a copy.
func with(c Case, f func(*Case)) Case {
	c.Replicas, c.Arrivals = slices.Clone(c.Replicas), slices.Clone(c.Arrivals)
	f(&c)
	return c
}

// fewer takes away replicas and runs of requests.
func fewer(c Case, yield func(Case) bool) bool {
	for i := range c.Replicas {
		if len(c.Replicas) > 1 && !yield(with(c, func(t *Case) { t.Replicas = slices.Delete(t.Replicas, i, i+1) })) {
			return false
		}
	}
	for n := len(c.Arrivals) / 2; n > 0; n /= 2 {
		for i := 0; i+n <= len(c.Arrivals); i += n {
			t := with(c, func(t *Case) {
				t.Arrivals = slices.Delete(t.Arrivals, i, i+n)
				t.Clients = min(t.Clients, len(t.Arrivals))
			})
			if len(t.Arrivals) > 0 && !yield(t) {
				return false
			}
		}
	}
	return true
}

// simpler replaces settings by their plainest values.
func simpler(c Case, yield func(Case) bool) bool {
	if c.Clients > 0 {
		open := with(c, func(t *Case) { t.Clients = 0; slices.SortStableFunc(t.Arrivals, byTime) })
		if !yield(open) {
			return false
		}
	}
	if (c.Base != 1 || c.PerToken != 0) && !yield(with(c, func(t *Case) { t.Base, t.PerToken = 1, 0 })) {
		return false
	}
	if c.PerToken != 0 && !yield(with(c, func(t *Case) { t.PerToken = 0 })) {
		return false
	}
	late := slices.ContainsFunc(c.Arrivals, func(a vidur.Arrival) bool { return a.At != 0 })
	if late && !yield(with(c, func(t *Case) {
		for i := range t.Arrivals {
			t.Arrivals[i].At = 0
		}
	})) {
		return false
	}
	return plainer(c, yield)
}

// plainer makes single replicas smaller.
func plainer(c Case, yield func(Case) bool) bool {
	for i, s := range c.Replicas {
		if s.PP > 1 && (!yield(with(c, func(t *Case) { t.Replicas[i].PP = 1 })) || !yield(with(c, func(t *Case) { t.Replicas[i].PP-- }))) {
			return false
		}
		for _, n := range []int{s.Blocks / 2, s.Blocks * 3 / 4, s.Blocks - 1} {
			if n < s.Blocks && !yield(with(c, func(t *Case) { t.Replicas[i].Blocks = n })) {
				return false
			}
		}
		for _, n := range []int{1, 2, 4} {
			if n < s.BlockSize && !yield(with(c, func(t *Case) { t.Replicas[i].BlockSize = n })) {
				return false
			}
		}
		for _, n := range []int{c.longest(), s.MaxTokens / 2, s.MaxTokens - 1} {
			if n < s.MaxTokens && !yield(with(c, func(t *Case) { t.Replicas[i].MaxTokens = n })) {
				return false
			}
		}
	}
	return true
}

// shorter makes single requests shorter, and earlier.
func shorter(c Case, yield func(Case) bool) bool {
	if !yield(with(c, func(t *Case) {
		t.Arrivals = t.Arrivals[:len(t.Arrivals)-1]
		t.Clients = min(t.Clients, len(t.Arrivals))
	})) {
		return false
	}
	for i, a := range c.Arrivals {
		for _, b := range smaller(a) {
			if (c.Clients > 0 || i == 0 || b.At >= c.Arrivals[i-1].At) && !yield(with(c, func(t *Case) { t.Arrivals[i] = b })) {
				return false
			}
		}
	}
	return true
}

// smaller are requests a little smaller than a.
func smaller(a vidur.Arrival) []vidur.Arrival {
	var out []vidur.Arrival
	add := func(at float64, p, d int) {
		if p >= 1 && d >= 1 && (at != a.At || p != a.Prefill || d != a.Decode) {
			out = append(out, vidur.Arrival{At: at, Prefill: p, Decode: d})
		}
	}
	if a.At != 0 {
		add(0, a.Prefill, a.Decode)
	}
	if whole := float64(int(a.At)); whole != a.At {
		add(whole, a.Prefill, a.Decode)
		add(whole+1, a.Prefill, a.Decode)
	}
	if a.At > 1 && a.At == float64(int(a.At)) {
		add(a.At-1, a.Prefill, a.Decode)
	}
	add(a.At, a.Prefill/2, a.Decode)
	add(a.At, a.Prefill-1, a.Decode)
	add(a.At, a.Prefill, a.Decode/2)
	add(a.At, a.Prefill, a.Decode-1)
	return out
}
