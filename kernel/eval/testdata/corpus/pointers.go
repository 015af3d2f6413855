//go:build ignore

package main

import (
	"fmt"
)

type T struct{ n int }

func swap(a, b *int) { *a, *b = *b, *a }
func main() {
	x := 1
	p := &x
	*p++
	q := &p
	**q *= 5
	fmt.Println(x, *p == x, p == *q)
	a := []int{1, 2}
	e := &a[1]
	*e = 9
	t := &T{}
	f := &t.n
	*f = 4
	swap(&a[0], &a[1])
	fmt.Println(a, t.n, *new(int))
}

// Output:
//	10 true true
//	[9 1] 4 0
