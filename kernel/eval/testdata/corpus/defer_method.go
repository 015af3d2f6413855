//go:build ignore

package main

import (
	"fmt"
)

type T struct{ n int }

func (t T) show(s string) { fmt.Println(s, t.n) }
func (t *T) ptr(s string) { fmt.Println(s, t.n) }
func main() {
	t := T{1}
	defer t.show("value")
	t.n = 2
	p := &t
	defer p.ptr("pointer")
	t.n = 3
}

// Output:
//	pointer 3
//	value 1
