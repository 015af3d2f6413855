//go:build ignore

package main

import (
	"fmt"
)

func main() {
	ops := map[string]func(float64, float64) float64{"+": func(a, b float64) float64 { return a + b }, "-": func(a, b float64) float64 { return a - b }}
	fmt.Println(ops["+"](1, 2), ops["-"](1, 2), ops["*"] == nil)
}

// Output:
//	3 -1 true
