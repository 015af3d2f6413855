//go:build ignore

package main

import (
	"fmt"
)

type G[T any] interface{ Get() T }
type V[T any] struct{ v T }

func (v V[T]) Get() T    { return v.v }
func show[T any](g G[T]) { fmt.Printf("%v %T\n", g.Get(), g) }
func main() {
	show[int](V[int]{3})
	show[string](V[string]{"s"})
}

// Output:
//	3 main.V[int]
//	s main.V[string]
