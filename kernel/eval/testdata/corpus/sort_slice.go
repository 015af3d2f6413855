//go:build ignore

package main

import (
	"fmt"
	"sort"
)

type P struct {
	s string
	n int
}

func main() {
	ps := []P{{"b", 2}, {"a", 2}, {"c", 1}}
	sort.Slice(ps, func(i, j int) bool {
		if ps[i].n != ps[j].n {
			return ps[i].n < ps[j].n
		}
		return ps[i].s < ps[j].s
	})
	fmt.Println(ps)
	sort.SliceStable(ps, func(i, j int) bool { return ps[i].s > ps[j].s })
	fmt.Printf("%+v\n", ps)
	i := sort.Search(10, func(i int) bool { return i*i >= 50 })
	fmt.Println(i)
}

// Output:
//	[{c 1} {a 2} {b 2}]
//	[{s:c n:1} {s:b n:2} {s:a n:2}]
//	8
