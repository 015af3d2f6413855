//go:build ignore

package main

import (
	"cmp"
	"fmt"
	"slices"
)

type P struct {
	s string
	n int
}

func main() {
	ps := []P{{"a", 3}, {"b", 1}, {"c", 3}, {"d", 2}, {"e", 3}, {"f", 1}, {"g", 2}, {"h", 3}, {"i", 1}, {"j", 2}, {"k", 2}, {"l", 3}, {"m", 1}, {"n", 3}}
	q := slices.Clone(ps)
	slices.SortFunc(ps, func(a, b P) int { return a.n - b.n })
	slices.SortStableFunc(q, func(a, b P) int { return cmp.Compare(a.n, b.n) })
	fmt.Println(ps)
	fmt.Println(q)
}

// Output:
//	[{f 1} {b 1} {m 1} {i 1} {g 2} {d 2} {j 2} {k 2} {e 3} {a 3} {h 3} {l 3} {c 3} {n 3}]
//	[{b 1} {f 1} {i 1} {m 1} {d 2} {g 2} {j 2} {k 2} {a 3} {c 3} {e 3} {h 3} {l 3} {n 3}]
