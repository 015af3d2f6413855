//go:build ignore

package main

import (
	"fmt"
)

func f() (int, int) { return 7, 8 }
func main() {
	a, b := 1, 2
	a, b = b, a
	s := []int{1, 2, 3}
	i := 0
	i, s[i] = 2, 9
	fmt.Println(a, b, i, s)
	s[0], s[2] = s[2], s[0]
	x, y := f()
	y, x = x, y
	fmt.Println(s, x, y)
	m := map[string]int{}
	m["a"], m["b"] = 1, 2
	fmt.Println(m)
}

// Output:
//	2 1 2 [9 2 3]
//	[3 2 9] 8 7
//	map[a:1 b:2]
