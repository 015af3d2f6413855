//go:build ignore

package main

import (
	"fmt"
	"math"
)

func main() {
	a, b := 0.1, 0.2
	fmt.Println(a+b, a*b, 1/3.0, math.Inf(1), -math.Inf(1), math.NaN() == math.NaN(), float32(a)+float32(b))
	var z float64
	fmt.Println(1/z, -1/z, z/z, math.Sqrt(2), 1e100, 1e-7, 100000000.0, 123456789.0)
}

// Output:
//	0.30000000000000004 0.020000000000000004 0.3333333333333333 +Inf -Inf false 0.3
//	+Inf -Inf NaN 1.4142135623730951 1e+100 1e-07 1e+08 1.23456789e+08
