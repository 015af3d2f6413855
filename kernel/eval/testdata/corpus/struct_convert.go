//go:build ignore

package main

import (
	"fmt"
)

type A struct {
	n int
	s string
}
type B struct {
	n int
	s string
}

func main() {
	a := A{1, "x"}
	b := B(a)
	fmt.Println(b.s, b)
	c := struct {
		n int
		s string
	}(b)
	fmt.Println(c.n, A(c) == a)
}

// Output:
//	x {1 x}
//	1 true
