// Package student has Student's t intervals of means, for independent values that
// are normally distributed.
package student

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// T is the distribution of the mean of n values, 2 or more, over its standard error.
func T(n int) distuv.StudentsT { return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(n - 1)} }

// Quantile is how many standard errors the interval of a level, above 0 and below
// 1, reaches to both sides of the mean of n values, 2 or more.
func Quantile(n int, level float64) float64 { return T(n).Quantile((1 + level) / 2) }

// Half is half the width of that interval for values with a variance (of samples:
// the sum of squares over n-1), in the unit of the values.
func Half(n int, variance, level float64) float64 {
	return Quantile(n, level) * math.Sqrt(variance/float64(n))
}
