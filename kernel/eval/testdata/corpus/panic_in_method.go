//go:build ignore

package main

import (
	"fmt"
)

type S struct{ n int }

func (s *S) step(d int) { s.n += 10 / d; fmt.Println(s.n) }
func main() {
	s := &S{}
	s.step(1)
	s.step(0)
}

// Output:
//	10
//	exit status 2
