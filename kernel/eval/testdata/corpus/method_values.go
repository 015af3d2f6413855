//go:build ignore

package main

import (
	"fmt"
)

type T struct{ n int }

func (t T) double() int { return t.n * 2 }
func (t *T) inc()       { t.n++ }
func main() {
	t := T{2}
	f := t.double
	t.n = 5
	fmt.Println(f(), t.double())
	g := (&t).inc
	g()
	g()
	fmt.Println(t.n)
	h := T.double
	fmt.Println(h(T{4}))
	k := (*T).inc
	k(&t)
	fmt.Println(t.n)
}

// Output:
//	4 10
//	7
//	8
//	8
