//go:build ignore

package main

import (
	"fmt"
)

func main() {
	var i int
	var v string
	for i, v = range []string{"x", "y"} {
	}
	fmt.Println(i, v)
	var a [2]int
	for a[0], a[1] = range []int{5, 6} {
		fmt.Print(a, " ")
	}
	fmt.Println()
}

// Output:
//	1 y
//	[0 5] [1 6]
