package workload

import (
	"math"
	"slices"
)

// sample is a list of lengths and its distribution.
type sample struct {
	n      int
	values []int // distinct, rising
	upTo   []int // number of requests of at most values[i]
	rank   []int // index in values of request k
}

func newSample(list []int) *sample {
	s := &sample{n: len(list), rank: make([]int, len(list))}
	s.values = slices.Clone(list)
	slices.Sort(s.values)
	for i, v := range s.values {
		if i+1 == len(s.values) || s.values[i+1] != v {
			s.upTo = append(s.upTo, i+1)
		}
	}
	s.values = slices.Compact(s.values)
	for k, v := range list {
		s.rank[k], _ = slices.BinarySearch(s.values, v)
	}
	return s
}

func (s *sample) mean() float64 {
	sum, before := 0.0, 0
	for i, v := range s.values {
		sum += float64(v) * float64(s.upTo[i]-before)
		before = s.upTo[i]
	}
	return sum / float64(s.n)
}

// quantile is the smallest value that at least the share p of the requests do
// not exceed.
func (s *sample) quantile(p float64) int {
	i, _ := slices.BinarySearch(s.upTo, int(math.Ceil(p*float64(s.n))))
	return s.values[min(i, len(s.values)-1)]
}

// ranks is the range of ranks, from 0 to 1, of the requests as long as request k.
func (s *sample) ranks(k int) (from, to float64) {
	i, below := s.rank[k], 0
	if i > 0 {
		below = s.upTo[i-1]
	}
	return float64(below) / float64(s.n), float64(s.upTo[i]) / float64(s.n)
}

// distance is the two-sample statistic of Kolmogorov and Smirnov: the largest
// distance of the distribution functions.
func (s *sample) distance(t *sample) float64 {
	d, i, j := 0.0, 0, 0
	p, q := 0.0, 0.0
	for i < len(s.values) && j < len(t.values) {
		v, w := s.values[i], t.values[j]
		if v <= w {
			p = float64(s.upTo[i]) / float64(s.n)
			i++
		}
		if w <= v {
			q = float64(t.upTo[j]) / float64(t.n)
			j++
		}
		d = max(d, math.Abs(p-q))
	}
	return d
}

// spearman is the correlation of the ranks of two lengths of the same requests;
// 0 if one of them is constant.
func (s *sample) spearman(t *sample) float64 {
	var xy, xx, yy float64
	for k := range s.rank {
		a, b := s.ranks(k)
		c, d := t.ranks(k)
		x, y := (a+b-1)/2, (c+d-1)/2
		xy, xx, yy = xy+x*y, xx+x*x, yy+y*y
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return xy / math.Sqrt(xx*yy)
}

// medianRatio is the median of a[k]/b[k].
func medianRatio(a, b []int) float64 {
	ratios := make([]float64, len(a))
	for k := range a {
		ratios[k] = float64(a[k]) / float64(b[k])
	}
	slices.Sort(ratios)
	return ratios[(len(ratios)-1)/2]
}
