package workload

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
)

// Lengths is a distribution of the lengths of requests.
type Lengths interface {
	// Start checks the parameters and begins a sequence of lengths, both >= 1.
	Start(rng *rand.Rand) (next func() (prefill, decode int), err error)
	// Longest is the largest prefill + decode that Start's sequences can hold,
	// for planners of memory; 0 if it is not known.
	Longest() int
}

// Tokens are the lengths of one request.
type Tokens struct {
	Prefill int // prompt tokens, >= 1
	Decode  int // tokens to generate, >= 1
}

// Fixed gives every request the same lengths.
type Fixed struct {
	Prefill int // prompt tokens, >= 1
	Decode  int // tokens to generate, >= 1
}

// Start implements [Lengths].
func (f Fixed) Start(*rand.Rand) (func() (int, int), error) {
	if err := first(tokens("Fixed.Prefill", f.Prefill), tokens("Fixed.Decode", f.Decode)); err != nil {
		return nil, err
	}
	return func() (int, int) { return f.Prefill, f.Decode }, nil
}

// Longest implements [Lengths].
func (f Fixed) Longest() int { return f.Prefill + f.Decode }

// Uniform draws the total length uniformly and divides it in a fixed ratio.
type Uniform struct {
	Min, Max int     // tokens, prompt and generated, 2 <= Min <= Max; both included
	Ratio    float64 // prompt tokens per generated one, > 0
}

// Start implements [Lengths].
func (u Uniform) Start(rng *rand.Rand) (func() (int, int), error) {
	if err := checkTotals("Uniform", u.Min, u.Max, u.Ratio); err != nil {
		return nil, err
	}
	n := u.Max - u.Min + 1
	return func() (int, int) { return divide(u.Min+rng.IntN(n), u.Ratio) }, nil
}

// Longest implements [Lengths].
func (u Uniform) Longest() int { return u.Max }

// checkTotals checks the parameters that Uniform and Zipf share.
func checkTotals(name string, low, high int, ratio float64) error {
	if err := first(within(name+".Min", low, 2, mostTokens), positive(name+".Ratio", ratio)); err != nil {
		return err
	}
	return within(name+".Max", high, low, mostTokens)
}

// divide cuts a total into prompt and generated tokens. The latter are rounded
// up, as in the original, and both are at least one.
func divide(total int, ratio float64) (prefill, decode int) {
	decode = int(math.Ceil(float64(total) / (1 + ratio)))
	decode = min(max(decode, 1), total-1)
	return total - decode, decode
}

// Range draws both lengths uniformly around their means: from
// ⌊mean × (1-Ratio)⌋ to ⌈mean × (1+Ratio)⌉ tokens, at least 1. That is the
// definition of the random dataset of "vllm bench serve" since 2025
// (--random-input-len, --random-output-len, --random-range-ratio). Older
// versions, and sglang's bench_serving, draw from mean × ratio to mean instead.
type Range struct {
	Prefill int     // mean prompt tokens, >= 1
	Decode  int     // mean tokens to generate, >= 1
	Ratio   float64 // 0 <= Ratio < 1; 0 means fixed lengths
}

// Start implements [Lengths].
func (r Range) Start(rng *rand.Rand) (func() (int, int), error) {
	if err := first(tokens("Range.Prefill", r.Prefill), tokens("Range.Decode", r.Decode)); err != nil {
		return nil, err
	}
	if !(r.Ratio >= 0 && r.Ratio < 1) {
		return nil, fmt.Errorf("workload: Range.Ratio is %g; it must be at least 0 and below 1", r.Ratio)
	}
	p0, p1 := r.bounds(r.Prefill)
	d0, d1 := r.bounds(r.Decode)
	return func() (int, int) { return p0 + rng.IntN(p1-p0+1), d0 + rng.IntN(d1-d0+1) }, nil
}

// Longest implements [Lengths].
func (r Range) Longest() int {
	_, p := r.bounds(r.Prefill)
	_, d := r.bounds(r.Decode)
	return p + d
}

func (r Range) bounds(mean int) (low, high int) {
	m := float64(mean)
	return max(1, int(math.Floor(m*(1-r.Ratio)))), int(math.Ceil(m * (1 + r.Ratio)))
}

// Shuffled gives the lengths of a trace in random order: each once, and then all
// of them again in a fresh order, for as long as requests are asked for. (The
// original simulator crashes when it runs out.) The trace is not changed, and is
// shared by all runs.
type Shuffled struct {
	Trace []Tokens // at least one; see [ReadLengths]
}

// Start implements [Lengths].
func (s Shuffled) Start(rng *rand.Rand) (func() (int, int), error) {
	if len(s.Trace) == 0 {
		return nil, errors.New("workload: Shuffled.Trace is empty")
	}
	for i, t := range s.Trace {
		if err := first(tokens("Prefill", t.Prefill), tokens("Decode", t.Decode)); err != nil {
			return nil, fmt.Errorf("Shuffled.Trace[%d]: %w", i, err)
		}
	}
	order, used := make([]int32, len(s.Trace)), 0
	for i := range order {
		order[i] = int32(i)
	}
	return func() (int, int) {
		// One step of the Fisher-Yates shuffle at a time: no request waits for
		// the whole trace.
		if used == len(order) {
			used = 0
		}
		j := used + rng.IntN(len(order)-used)
		order[used], order[j] = order[j], order[used]
		t := s.Trace[order[used]]
		used++
		return t.Prefill, t.Decode
	}, nil
}

// Longest implements [Lengths].
func (s Shuffled) Longest() int {
	longest := 0
	for _, t := range s.Trace {
		longest = max(longest, t.Prefill+t.Decode)
	}
	return longest
}
