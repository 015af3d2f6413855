//go:build ignore

package main

import (
	"fmt"
	"math"
)

func main() {
	for _, p := range [][2]int{{7, 2}, {-7, 2}, {7, -2}, {-7, -2}} {
		fmt.Print(p[0]/p[1], p[0]%p[1], " ")
	}
	var u uint = 7
	fmt.Println(u/2, u%4, ^u == math.MaxUint64-7, 7.0/2, 7/2)
}

// Output:
//	3 1 -3 -1 -3 1 3 -1 3 3 true 3.5 3
