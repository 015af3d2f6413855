//go:build ignore

package main

import (
	"fmt"
)

type T struct{ n int }
type U struct{ n int }
type K int

func main() {
	a, b := any(T{1}), any(T{1})
	fmt.Println(a == b, a == any(T{2}), a == any(U{1}), any(1) == any(1.0), any(K(1)) == any(1), any("a") == any("a"))
	m := map[any]string{T{1}: "t", U{1}: "u", 1: "int", K(1): "k"}
	fmt.Println(m[T{1}], m[U{1}], m[1], m[K(1)], len(m))
}

// Output:
//	true false false false false true
//	t u int k 4
