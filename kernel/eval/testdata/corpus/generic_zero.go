//go:build ignore

package main

import (
	"fmt"
)

func Zero[T any]() (z T) { return }
func Ptr[T any](v T) *T  { return &v }
func main() {
	fmt.Println(Zero[int](), Zero[string]() == "", Zero[*int]() == nil, Zero[[2]bool](), Ptr(5) != nil, *Ptr("x"))
}

// Output:
//	0 true true [false false] true x
