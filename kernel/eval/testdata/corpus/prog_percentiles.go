//go:build ignore

package main

import (
	"fmt"
	"math"
	"slices"
)

func quantile(xs []float64, q float64) float64 {
	s := slices.Clone(xs)
	slices.Sort(s)
	i := q * float64(len(s)-1)
	lo := int(i)
	if lo+1 >= len(s) {
		return s[len(s)-1]
	}
	return s[lo] + (i-float64(lo))*(s[lo+1]-s[lo])
}
func meanStd(xs []float64) (m, s float64) {
	for _, x := range xs {
		m += x
	}
	m /= float64(len(xs))
	for _, x := range xs {
		s += (x - m) * (x - m)
	}
	return m, math.Sqrt(s / float64(len(xs)))
}
func main() {
	xs := []float64{}
	for i := range 101 {
		xs = append(xs, float64((i*37)%101))
	}
	for _, p := range []float64{0, 50, 90, 99, 100} {
		fmt.Print(quantile(xs, p/100), " ")
	}
	m, s := meanStd(xs)
	fmt.Printf("%.3f %.3f\n", m, s)
}

// Output:
//	0 50 90 99 100 50.000 29.155
