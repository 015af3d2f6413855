//go:build ignore

package main

import (
	"fmt"
	"strconv"
)

func Map[T, U any](s []T, f func(T) U) []U {
	out := make([]U, 0, len(s))
	for _, v := range s {
		out = append(out, f(v))
	}
	return out
}
func Filter[T any](s []T, f func(T) bool) (out []T) {
	for _, v := range s {
		if f(v) {
			out = append(out, v)
		}
	}
	return
}
func Reduce[T, A any](s []T, a A, f func(A, T) A) A {
	for _, v := range s {
		a = f(a, v)
	}
	return a
}
func main() {
	fmt.Println(Map([]int{1, 2}, func(i int) string { return strconv.Itoa(i * 2) }), Filter([]int{1, 2, 3, 4}, func(i int) bool { return i%2 == 0 }), Reduce([]int{1, 2, 3}, 0.5, func(a float64, i int) float64 { return a + float64(i) }))
}

// Output:
//	[2 4] [2 4] 6.5
