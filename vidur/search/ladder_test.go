package search

import (
	"math"
	"testing"
)

// fake is a system of a known capacity.
func fake(capacity float64) func(float64) (bool, error) {
	return func(qps float64) (bool, error) { return qps <= capacity, nil }
}

// TestLadderFindsTheCapacity: whatever the system and the guess, the bracket is
// about the capacity and a granularity wide, the answer does not depend on the
// guess, and the probes are the logarithms of how far off it was.
func TestLadderFindsTheCapacity(t *testing.T) {
	rng := newRand(1)
	for range 2000 {
		capacity := math.Exp(12*rng.Float64() - 6)
		grain := math.Exp(4*rng.Float64() - 6)
		var answer float64
		for try := range 3 {
			guess := capacity * math.Exp(10*rng.Float64()-5)
			l := &ladder{grain: grain, most: 1000, probe: fake(capacity)}
			b, err := l.search(guess, 1+rng.IntN(10))
			if err != nil {
				t.Fatal(err)
			}
			if !(b.under <= capacity && capacity < b.over) || b.over/b.under > 1+float64(grain*(1+1e-6)) {
				t.Fatalf("capacity %g from %g: %+v", capacity, guess, b)
			}
			if try > 0 && b.under != answer {
				t.Fatalf("capacity %g: %g from one guess and %g from another", capacity, answer, b.under)
			}
			answer = b.under
			rungs := math.Abs(math.Log(guess/capacity))/math.Log1p(grain) + 10
			if most := 2*math.Ceil(math.Log2(rungs)) + 4; float64(b.probes) > most {
				t.Errorf("%d probes for %g rungs", b.probes, rungs)
			}
		}
	}
}

// TestLadderEnds: also where there is no capacity, or the system is not monotone.
func TestLadderEnds(t *testing.T) {
	for name, probe := range map[string]func(float64) (bool, error){"never": fake(0), "always": fake(math.Inf(1))} {
		b, err := (&ladder{grain: 0.025, most: 100, probe: probe}).search(3, 4)
		if err != nil || (b.under == 0) != (name == "never") || math.IsInf(b.over, 1) != (name == "always") || b.probes > 12 {
			t.Errorf("%s: %+v, %v", name, b, err)
		}
	}
	rng := newRand(2)
	for range 500 {
		seen := map[float64]bool{}
		l := &ladder{grain: 0.025, most: 1 + rng.IntN(30), probe: func(qps float64) (bool, error) {
			if _, twice := seen[qps]; twice {
				t.Errorf("%g is tried twice", qps)
			}
			seen[qps] = rng.IntN(2) == 0
			return seen[qps], nil
		}}
		b, err := l.search(5, 2)
		if err != nil || b.probes > l.most || b.probes != len(seen) {
			t.Fatalf("%+v, %v", b, err)
		}
		if b.under > 0 && !seen[b.under] || b.over < math.Inf(1) && seen[b.over] || b.under >= b.over {
			t.Errorf("%+v of %v", b, seen)
		}
	}
	for _, guess := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if _, err := (&ladder{grain: 0.025, most: 9, probe: fake(1)}).search(guess, 1); err == nil {
			t.Errorf("no error for a guess of %g", guess)
		}
	}
}

// TestBisectionOfTheOriginal holds the rules of the upper end, by hand.
func TestBisectionOfTheOriginal(t *testing.T) {
	trail := func(faults bool, latency func(float64) float64) (tried []float64, b bracket) {
		s := &bisection{start: 4, grain: 0.025, limit: 5, most: 20, faults: faults, latency: func(qps float64) (float64, error) {
			tried = append(tried, qps)
			return latency(qps), nil
		}}
		b, err := s.search()
		if err != nil {
			t.Fatal(err)
		}
		return tried, b
	}
	begins := func(name string, tried []float64, want ...float64) {
		for i := range want {
			if tried[i] != want[i] {
				t.Errorf("%s: %v, want %v", name, tried, want)
				return
			}
		}
	}
	tried, _ := trail(false, func(float64) float64 { return 0.1 }) // below an eighth: the end is 4 times as far
	begins("fast", tried, 4, 18, 73)
	tried, _ = trail(false, func(float64) float64 { return 1 }) // below a quarter: twice
	begins("faster", tried, 4, 10, 21)
	tried, _ = trail(false, func(q float64) float64 { // near the limit: the end stays until it is near
		if q < 5 {
			return 4
		}
		return 10
	})
	begins("near", tried, 4, 6, 5, 4.5)
	late := func(q float64) float64 {
		if q <= 4 {
			return 0.1
		}
		return 2000
	}
	tried, b := trail(true, late)
	begins("with its faults", tried, 4, 18, 6.5, 3.625)
	if b.under != 4 && b.under >= 4.2 {
		t.Errorf("with its faults: %+v", b)
	}
	tried, b = trail(false, late)
	begins("mended", tried, 4, 18, 4.25, 4.125)
	if b.under != 4 || b.over > 4.2 {
		t.Errorf("mended: %+v, tried %v", b, tried)
	}
}
