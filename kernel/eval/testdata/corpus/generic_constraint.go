//go:build ignore

package main

import (
	"cmp"
	"fmt"
)

type Number interface{ ~int | ~float64 }
type K int

func Sum[T Number](s []T) T {
	var t T
	for _, v := range s {
		t += v
	}
	return t
}
func Max[T cmp.Ordered](a, b T) T {
	if a > b {
		return a
	}
	return b
}
func main() {
	fmt.Println(Sum([]int{1, 2}), Sum([]float64{1.5, 2}), Sum([]K{3, 4}), Max(2, 3.5), Max("a", "b"))
}

// Output:
//	3 3.5 7 3.5 b
