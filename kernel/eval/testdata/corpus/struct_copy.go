//go:build ignore

package main

import (
	"fmt"
)

type In struct{ x int }
type T struct {
	n  int
	a  [2]int
	s  []int
	in In
}

func f(t T) T { t.n++; return t }
func main() {
	a := T{1, [2]int{1, 2}, []int{5}, In{3}}
	b := a
	b.n, b.a[0], b.s[0], b.in.x = 2, 9, 6, 4
	fmt.Println(a, b)
	ts := []T{a, b}
	for _, t := range ts {
		t.n = 100
	}
	t := ts[0]
	t.n = 50
	m := map[string]T{"a": a}
	c := m["a"]
	c.n = 77
	fmt.Println(ts[0].n, m["a"].n, c.n)
	p := &ts[1]
	p.in.x = 99
	fmt.Println(ts[1].in, f(a).n, a.n)
}

// Output:
//	{1 [1 2] [6] {3}} {2 [9 2] [6] {4}}
//	1 1 77
//	{99} 2 1
