//go:build ignore

package main

import (
	"fmt"
)

type P struct {
	x int
	s string
}

func main() {
	fmt.Println(P{1, "a"} == P{1, "a"}, P{1, "a"} == P{2, "a"}, struct{ x int }{1} == struct{ x int }{1})
	m := map[P]int{{1, "a"}: 5}
	m[P{1, "a"}]++
	m[P{2, "b"}]--
	fmt.Println(m[P{1, "a"}], len(m), m)
}

// Output:
//	true false true
//	6 2 map[{1 a}:6 {2 b}:-1]
