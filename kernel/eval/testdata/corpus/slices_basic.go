//go:build ignore

package main

import (
	"fmt"
)

func main() {
	s := make([]int, 2, 10)
	t := append(s, 1, 2)
	u := append(s, 9)
	fmt.Println(t, u, len(s), cap(s[1:]), cap(s[1:2:3]))
	var n []int
	n = append(n, n...)
	fmt.Println(n == nil, len(n))
	m := [][]int{{1}, {2, 3}}
	m[0] = append(m[0], 5)
	fmt.Println(m, m[1][1:])
	a := [5]int{1, 2, 3, 4, 5}
	v := a[1:3]
	v = append(v, 100)
	fmt.Println(copy(v, []int{7}))
	fmt.Println(a, v)
	clear(v)
	fmt.Println(a)
}

// Output:
//	[0 0 9 2] [0 0 9] 2 9 2
//	true 0
//	[[1 5] [2 3]] [3]
//	1
//	[1 7 3 100 5] [7 3 100]
//	[1 0 0 0 5]
