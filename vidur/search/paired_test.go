package search

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// pairs draws n pairs whose differences are normal, on top of what pairs share.
func pairs(rng *rand.Rand, n int, mean, sd float64) (a, b []float64) {
	for range n {
		shared := 10 + 2*rng.NormFloat64()
		a = append(a, shared)
		b = append(b, shared+mean+sd*rng.NormFloat64())
	}
	return a, b
}

// within fails unless hits of n are a fraction p but for four standard
// deviations of a binomial distribution.
func within(t *testing.T, what string, hits, n int, p float64) {
	t.Helper()
	got, noise := float64(hits)/float64(n), 4*math.Sqrt(p*(1-p)/float64(n))
	if math.Abs(got-p) > noise {
		t.Errorf("%s: %.4f of %d, want %.4f ± %.4f", what, got, n, p, noise)
	}
}

// statistics skips what tries a computation of one goroutine thousands of times, where
// the race detector makes it take minutes and can find nothing.
func statistics(t *testing.T) {
	t.Helper()
	if raceEnabled {
		t.Skip("takes minutes with the race detector, which has nothing to find")
	}
}

// TestCoverage: of normal differences the interval of the mean covers the true
// one as often as it says, Fieller's the true ratio, and both tests reject a
// true null hypothesis as often as they say, the rank test at most so.
func TestCoverage(t *testing.T) {
	statistics(t)
	const trials = 4000
	for _, n := range []int{2, 3, 5, 10, 30} {
		for _, level := range []float64{0.8, 0.95} {
			t.Run(fmt.Sprintf("n=%d level=%g", n, level), func(t *testing.T) {
				rng := rand.New(rand.NewPCG(uint64(n), uint64(100*level)))
				covered, ratio, t0, rank0 := 0, 0, 0, 0
				for range trials {
					a, b := pairs(rng, n, -1, 0.7)
					d := difference(a, b, level)
					if d.Low <= -1 && -1 <= d.High {
						covered++
					}
					if !(d.RelativeLow > -0.1 || d.RelativeHigh < -0.1) { // unbounded covers
						ratio++
					}
					null := difference(a, add(b, 1), level)
					if null.P <= 1-level {
						t0++
					}
					if null.RankP <= 1-level {
						rank0++
					}
					if null.Shown() != (null.P < 1-level) {
						t.Fatalf("interval %g to %g, but p = %g", null.Low, null.High, null.P)
					}
				}
				within(t, "intervals that cover", covered, trials, level)
				if n > 2 { // of a mean that is not far from 0 by two values the set may be the outside of an interval
					within(t, "ratios that are covered", ratio, trials, level)
				}
				within(t, "t-tests that reject a null that is true", t0, trials, 1-level)
				if limit := 1 - level + 4*math.Sqrt(level*(1-level)/trials); float64(rank0)/trials > limit {
					t.Errorf("the rank test rejects %d of %d", rank0, trials)
				}
			})
		}
	}
}

func add(v []float64, c float64) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		out[i] = v[i] + c
	}
	return out
}

// TestStudent compares with values worked out by hand: differences 1, 2, 3 have
// the mean 2 and the standard error 1/√3; the 0.975 quantile of t with 2
// degrees of freedom is 4.302653.
func TestStudent(t *testing.T) {
	d := difference([]float64{10, 10, 10}, []float64{11, 12, 13}, 0.95)
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-6 {
			t.Errorf("%s is %.8g, want %.8g", what, got, want)
		}
	}
	half := 4.30265273 / math.Sqrt(3)
	near("the mean", d.Mean, 2)
	near("the low end", d.Low, 2-half)
	near("the high end", d.High, 2+half)
	near("p", d.P, 1-math.Sqrt(6.0/7)) // P(|T| > t) = 1 - t/√(t²+2) with t² = 12
	near("the relative difference", d.Relative, 0.2)
	near("its low end", d.RelativeLow, (2-half)/10) // a is the same always: no error of its own
	near("its high end", d.RelativeHigh, (2+half)/10)
	near("p of ranks", d.RankP, 0.25)
	if d.More != 3 || d.Less != 0 {
		t.Errorf("%d more and %d less", d.More, d.Less)
	}
}

func TestFewAndEqual(t *testing.T) {
	one := difference([]float64{4}, []float64{3}, 0.95)
	if !math.IsNaN(one.Low) || one.Shown() || one.P != 1 || one.Relative != -0.25 {
		t.Errorf("one pair: %+v", one)
	}
	wantsText(t, one.Verdict(), "-25.0 %", "one replication", "nothing about chance")
	same := difference([]float64{4, 5, 6}, []float64{4, 5 + 4e-15, 6}, 0.95)
	if same.Low != 0 || same.High != 0 || same.RelativeLow != 0 || same.P != 1 || same.RankP != 1 || same.Less+same.More != 0 || same.Shown() {
		t.Errorf("rounding: %+v", same)
	}
	wantsText(t, same.Verdict(), "the same in all of 3 replications")
	shift := difference([]float64{4, 5, 6}, []float64{5, 6, 7}, 0.95)
	if !shift.Shown() || shift.Low != 1 || shift.High != 1 || shift.P != 0 {
		t.Errorf("the same shift always: %+v", shift)
	}
	zero := difference([]float64{0, 0, 0}, []float64{1, 2, 3}, 0.95)
	if !math.IsNaN(zero.Relative) || !math.IsNaN(zero.RelativeLow) {
		t.Errorf("relative to nothing: %+v", zero)
	}
	wantsText(t, zero.Verdict(), "no difference", "-0.4841 to 4.484")
}

// TestVerdicts are sentences for every case.
func TestVerdicts(t *testing.T) {
	name := func(d Difference) string {
		d.Label, d.names = "TTFT P99", [2]string{"a", "b"}
		return d.Verdict()
	}
	rng := rand.New(rand.NewPCG(1, 2))
	a, b := pairs(rng, 10, -1.2, 0.3)
	wantsText(t, name(difference(a, b, 0.95)), "b lowers TTFT P99 by 1", " % (95 % CI ", "10 of 10 replications)")
	wantsText(t, name(difference(b, a, 0.95)), "b raises TTFT P99 by ", "10 of 10")
	a, b = pairs(rng, 4, -1.2, 0.1)
	wantsText(t, name(difference(a, b, 0.95)), "4 of 4 replications; too few for the rank test)")
	a, b = pairs(rng, 12, 0, 1)
	wantsText(t, name(difference(a, b, 0.95)), "no difference of TTFT P99 shown between a and b (95 % CI -", " of 12 replications)")
	d := Difference{A: make([]float64, 9), Low: 1, High: 2, Mean: 1.5, RelativeLow: math.NaN(), RankP: 0.2, More: 7, Less: 2, level: 0.95, says: 0.95}
	wantsText(t, name(d), "b raises TTFT P99 by 1.5 (95 % CI 1 to 2, 7 of 9 replications; the rank test does not agree, p = 0.2)")
}

func wantsText(t *testing.T, got string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("%q does not say %q", got, part)
		}
	}
	if strings.Contains(got, "\n") || strings.Contains(got, "%!") || strings.Contains(got, "NaN") {
		t.Errorf("%q is no sentence", got)
	}
}

// TestSignedRank compares with all signs tried, ties and zeros among the values.
func TestSignedRank(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for range 300 {
		diffs := make([]float64, rng.IntN(11))
		for i := range diffs {
			diffs[i] = float64(rng.IntN(9) - 4)
		}
		if got, want := signedRank(diffs), allSigns(diffs); math.Abs(got-want) > 1e-12 {
			t.Fatalf("%v: p = %g, want %g", diffs, got, want)
		}
	}
}

// allSigns is the definition: the chance of a sum of positive ranks as far from
// the middle, where each rank is the mean of those of equal sizes.
func allSigns(diffs []float64) float64 {
	var ranks []float64
	sum, plus := 0.0, 0.0
	for _, v := range diffs {
		if v == 0 {
			continue
		}
		less, same := 0.0, 0.0
		for _, w := range diffs {
			switch {
			case w != 0 && math.Abs(w) < math.Abs(v):
				less++
			case math.Abs(w) == math.Abs(v):
				same++
			}
		}
		rank := less + (same+1)/2
		ranks = append(ranks, rank)
		if sum += rank; v > 0 {
			plus += rank
		}
	}
	hits := 0
	for signs := range 1 << len(ranks) {
		s := 0.0
		for i, r := range ranks {
			if signs>>i&1 == 1 {
				s += r
			}
		}
		if math.Abs(s-sum/2) >= math.Abs(plus-sum/2)-1e-9 {
			hits++
		}
	}
	return min(1, float64(hits)/math.Pow(2, float64(len(ranks))))
}

// TestSignedRankOfMany: the approximation is close where it takes over.
func TestSignedRankOfMany(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for range 20 {
		diffs := make([]float64, 61)
		for i := range diffs {
			diffs[i] = rng.NormFloat64() + 0.2
		}
		ranks, plus := doubleRanks(diffs)
		if got, want := signedRank(diffs), exactRank(ranks, plus); math.Abs(got-want) > 0.005 {
			t.Errorf("p = %g, exactly %g", got, want)
		}
	}
}
