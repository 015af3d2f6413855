package metrics

import (
	"math"
	"slices"

	"github.com/govidur/govidur/vidur/internal/sketch"
)

// Stat describes the distribution of a metric. It is all zero without a value.
type Stat struct {
	Name  string `json:"name"`
	Unit  string `json:"unit,omitempty"` // empty: a number of things, or a ratio
	Count int    `json:"count"`

	Mean float64 `json:"mean"`
	Std  float64 `json:"std"` // standard deviation of the population
	Min  float64 `json:"min"`
	P25  float64 `json:"p25"`
	P50  float64 `json:"p50"`
	P75  float64 `json:"p75"`
	P90  float64 `json:"p90"`
	P95  float64 `json:"p95"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p99.9"`
	Max  float64 `json:"max"`

	// Exact tells that the percentiles are: interpolated between the two values
	// that are next in rank, as NumPy and pandas do. Otherwise they are within
	// 0.1 % of the value at the rank, rounded down.
	Exact bool `json:"exact"`
}

var percentiles = [...]float64{0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999}

func (s *Stat) percentiles() [len(percentiles)]*float64 {
	return [...]*float64{&s.P25, &s.P50, &s.P75, &s.P90, &s.P95, &s.P99, &s.P999}
}

// exactStat describes values, which are finite. It reorders them.
func exactStat(name, unit string, values []float64) Stat {
	s := Stat{Name: name, Unit: unit, Count: len(values), Exact: true}
	if len(values) == 0 {
		return s
	}
	sum, sq := 0.0, 0.0
	s.Min, s.Max = values[0], values[0]
	for _, v := range values {
		sum += v
		if v < s.Min {
			s.Min = v
		}
		if v > s.Max {
			s.Max = v
		}
	}
	n := float64(len(values))
	s.Mean = sum / n
	for _, v := range values {
		sq += float64((v - s.Mean) * (v - s.Mean))
	}
	s.Std = math.Sqrt(sq / n)
	from := 0
	for i, p := range s.percentiles() {
		*p, from = quantileFrom(values, from, percentiles[i])
	}
	return s
}

// Quantile returns the q-quantile of values, 0 <= q <= 1, interpolated as NumPy
// and pandas do; NaN if there is none. It reorders the values.
func Quantile(values []float64, q float64) float64 {
	if len(values) == 0 || !(q >= 0 && q <= 1) {
		return math.NaN()
	}
	v, _ := quantileFrom(values, 0, q)
	return v
}

// quantileFrom is Quantile where values before from are in their places already.
// It returns up to where they are now.
func quantileFrom(values []float64, from int, q float64) (float64, int) {
	rank := q * float64(len(values)-1)
	i := int(rank)
	if i >= from {
		selectRank(values[from:], i-from)
	}
	low := values[i]
	if f := rank - float64(i); f > 0 {
		high := values[i+1]
		for _, v := range values[i+2:] {
			if v < high {
				high = v
			}
		}
		return low + float64(f*(high-low)), i
	}
	return low, i
}

// selectRank reorders values so that the k-th is in its place, no greater one
// before it and no lesser one after it (Hoare's selection, median of three).
func selectRank(values []float64, k int) {
	for len(values) > 16 {
		n := len(values)
		pivot := medianOf3(values[0], values[n/2], values[n-1])
		i, j := 0, n-1
		for i <= j {
			for values[i] < pivot {
				i++
			}
			for values[j] > pivot {
				j--
			}
			if i <= j {
				values[i], values[j] = values[j], values[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			values = values[:j+1]
		case k >= i:
			values, k = values[i:], k-i
		default:
			return
		}
	}
	slices.Sort(values)
}

func medianOf3(a, b, c float64) float64 { return max(min(a, b), min(max(a, b), c)) }

// sketchStat describes what a sketch counted.
func sketchStat(name, unit string, sk *sketch.Sketch) Stat {
	s := Stat{Name: name, Unit: unit, Count: sk.Count()}
	if s.Count == 0 {
		return s
	}
	s.Mean, s.Std, s.Min, s.Max = sk.Mean(), sk.Std(), sk.Min(), sk.Max()
	for i, p := range s.percentiles() {
		*p = min(max(sk.Quantile(percentiles[i]), s.Min), s.Max)
	}
	return s
}
