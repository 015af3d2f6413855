package search

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/govidur/govidur/vidur/internal/student"
)

// Difference is what a comparison found of one figure. A and B have a value per
// replication. The interval and P assume that the differences b - a of
// replications, which are independent, are normally distributed; that need not
// hold of the values themselves. It is all but exact for figures that are means
// over many requests, and less so for percentiles of few; RankP assumes
// symmetry only.
type Difference struct {
	Figure string // name of the column
	Label  string // the same in a sentence
	A, B   []float64

	MeanA, MeanB float64 // means over replications
	Mean         float64 // of b - a
	Low, High    float64 // interval of Mean, paired Student t; NaN with fewer than two replications

	// Relative is Mean / |MeanA|, and RelativeLow to RelativeHigh the interval
	// of the ratio of the true means by Fieller (Journal of the Royal
	// Statistical Society B 16, 1954, p. 175), which takes the error of MeanA
	// into account. It contains 0 when Low to High does. NaN where MeanA cannot
	// be told from 0.
	Relative, RelativeLow, RelativeHigh float64

	P     float64 // of the paired t-test, two-sided; 1 if a and b are the same in every replication
	RankP float64 // of Wilcoxon's signed-rank test, two-sided, ties dropped

	Less, More int // replications in which b is less and more than a

	names [2]string
	level float64 // of the interval
	says  float64 // confidence that is claimed: less than level if there are several looks
}

// rounding is the relative difference of two figures up to which they are the
// same but for the order of additions.
const rounding = 1e-12

// difference compares paired values at a level between 0 and 1. All must be finite.
func difference(a, b []float64, level float64) Difference {
	d := Difference{A: a, B: b, level: level, says: level, P: 1, RankP: 1}
	diffs := make([]float64, len(a))
	for i := range a {
		v := b[i] - a[i]
		switch {
		case math.Abs(v) <= rounding*max(math.Abs(a[i]), math.Abs(b[i])):
			v = 0
		case v < 0:
			d.Less++
		default:
			d.More++
		}
		diffs[i] = v
	}
	nan := math.NaN()
	d.MeanA, d.MeanB, d.Mean = stat.Mean(a, nil), stat.Mean(b, nil), stat.Mean(diffs, nil)
	d.Relative = d.Mean / math.Abs(d.MeanA)
	d.Low, d.High, d.RelativeLow, d.RelativeHigh = nan, nan, nan, nan
	if d.MeanA == 0 {
		d.Relative = nan
	}
	if len(a) < 2 {
		return d
	}
	d.interval(diffs)
	d.RankP = signedRank(diffs)
	return d
}

// interval fills in what Student's t says of the differences.
func (d *Difference) interval(diffs []float64) {
	n, variance := float64(len(diffs)), stat.Variance(diffs, nil)
	half := student.Half(len(diffs), variance, d.level)
	d.Low, d.High = d.Mean-half, d.Mean+half
	if d.Mean != 0 {
		d.P = 2 * student.T(len(diffs)).Survival(math.Abs(d.Mean)/math.Sqrt(variance/n))
	}
	// Fieller's interval is of the δ with (mean(diffs) - δ·mean(a))² at most q²
	// times its estimated variance: between the roots of a quadratic.
	q := student.Quantile(len(diffs), d.level)
	k := q * q / n
	square := d.MeanA*d.MeanA - k*stat.Variance(d.A, nil)
	if !(square > 0) {
		return
	}
	cross := d.MeanA*d.Mean - k*stat.Covariance(d.A, diffs, nil)
	root := math.Sqrt(max(0, cross*cross-square*(d.Mean*d.Mean-k*variance)))
	d.RelativeLow, d.RelativeHigh = (cross-root)/square, (cross+root)/square
	if d.MeanA < 0 {
		d.RelativeLow, d.RelativeHigh = -d.RelativeHigh, -d.RelativeLow
	}
}

// signedRank is the two-sided P value of Wilcoxon's signed-rank test of the
// median 0. Zeros are dropped and equal ranks shared, as Wilcoxon does. It is
// exact up to exactRanks values and normal with a correction for continuity
// beyond.
func signedRank(diffs []float64) float64 {
	ranks, plus := doubleRanks(diffs)
	if len(ranks) == 0 {
		return 1
	}
	const exactRanks = 60
	if len(ranks) <= exactRanks {
		return exactRank(ranks, plus)
	}
	sum, squares := 0.0, 0.0
	for _, r := range ranks {
		sum += float64(r)
		squares += float64(r) * float64(r)
	}
	// Each doubled rank counts with probability 1/2; a step of the sum is 2.
	z := (math.Abs(float64(plus)-sum/2) - 1) / (math.Sqrt(squares) / 2)
	return min(1, 2*distuv.UnitNormal.Survival(max(0, z)))
}

// doubleRanks ranks the sizes of what is not 0, from 2 on in steps of 2 so that
// shared ranks are whole. plus is the sum of those of positive values.
func doubleRanks(diffs []float64) (ranks []int, plus int) {
	values := slices.DeleteFunc(slices.Clone(diffs), func(v float64) bool { return v == 0 })
	slices.SortFunc(values, func(a, b float64) int { return cmp.Compare(math.Abs(a), math.Abs(b)) })
	for i := 0; i < len(values); {
		j := i
		for j < len(values) && math.Abs(values[j]) == math.Abs(values[i]) {
			j++
		}
		for _, v := range values[i:j] {
			ranks = append(ranks, i+1+j)
			if v > 0 {
				plus += i + 1 + j
			}
		}
		i = j
	}
	return ranks, plus
}

// exactRank adds the probabilities of all sums of ranks with random signs that
// are as far from the middle as plus or farther.
func exactRank(ranks []int, plus int) float64 {
	total := 0
	for _, r := range ranks {
		total += r
	}
	chance := make([]float64, total+1) // of each sum
	chance[0] = 1
	for _, r := range ranks {
		for s := total; s >= 0; s-- {
			chance[s] /= 2
			if s >= r {
				chance[s] += chance[s-r] / 2
			}
		}
	}
	tail := 0.0
	for s, c := range chance {
		if 2*s <= total && s <= min(plus, total-plus) {
			tail += c
		}
	}
	return min(1, 2*tail)
}
