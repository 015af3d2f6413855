//go:build ignore

package main

import (
	"fmt"
	"math"
)

type K int

func main() {
	fmt.Println(min(3, 1, 2), max(1.5, 2), min("b", "a"), max(math.NaN(), 1), min(-0.0, 0))
	var x uint8 = 200
	fmt.Println(max(x, 100), min(K(3), 2))
}

// Output:
//	1 2 a NaN 0
//	200 2
