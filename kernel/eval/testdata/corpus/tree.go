//go:build ignore

package main

import (
	"fmt"
)

type Tree struct {
	l, r *Tree
	v    int
}

func (t *Tree) insert(v int) *Tree {
	if t == nil {
		return &Tree{v: v}
	}
	if v < t.v {
		t.l = t.l.insert(v)
	} else {
		t.r = t.r.insert(v)
	}
	return t
}
func (t *Tree) walk(f func(int)) {
	if t != nil {
		t.l.walk(f)
		f(t.v)
		t.r.walk(f)
	}
}
func (t *Tree) depth() int {
	if t == nil {
		return 0
	}
	return 1 + max(t.l.depth(), t.r.depth())
}
func main() {
	var t *Tree
	for _, v := range []int{5, 2, 8, 1, 9, 3} {
		t = t.insert(v)
	}
	t.walk(func(v int) { fmt.Print(v, " ") })
	fmt.Println(t.depth())
}

// Output:
//	1 2 3 5 8 9 3
