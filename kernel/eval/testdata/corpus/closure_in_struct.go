//go:build ignore

package main

import (
	"fmt"
)

type S struct {
	n int
	f func(int) int
}

func main() {
	s := S{}
	s.f = func(n int) int { s.n += n; return s.n }
	fmt.Println(s.f(2), s.f(3), s.n)
}

// Output:
//	2 5 5
