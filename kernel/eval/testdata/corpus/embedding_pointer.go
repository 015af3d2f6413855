//go:build ignore

package main

import (
	"fmt"
)

type A struct{ n int }

func (a *A) inc() { a.n++ }

type B struct {
	*A
	m int
}
type I interface{ inc() }

func main() {
	b := &B{&A{1}, 2}
	b.inc()
	fmt.Println(b.n, b.A.n, b.m)
	var i I = b
	i.inc()
	fmt.Println(b.n)
}

// Output:
//	2 2 2
//	3
