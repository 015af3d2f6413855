//go:build ignore

package main

import (
	"fmt"
)

func f(a [3]int) { a[0] = 100 }
func main() {
	a := [3]int{1, 2, 3}
	b := a
	b[0] = 9
	f(a)
	p := &a
	p[1] = 8
	fmt.Println(a, b, a == [3]int{1, 8, 3}, len(p))
	c := [2][2]int{{1, 2}, {3, 4}}
	d := c
	d[0][0] = 7
	fmt.Println(c, d)
}

// Output:
//	[1 8 3] [9 2 3] true 3
//	[[1 2] [3 4]] [[7 2] [3 4]]
