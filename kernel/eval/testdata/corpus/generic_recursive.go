//go:build ignore

package main

import (
	"cmp"
	"fmt"
)

func fact[T ~int | ~int64](n T) T {
	if n < 2 {
		return 1
	}
	return n * fact(n-1)
}

type Tree[K cmp.Ordered] struct{ root *tn[K] }
type tn[K cmp.Ordered] struct {
	k    K
	l, r *tn[K]
}

func (t *Tree[K]) Add(k K) { t.root = t.root.add(k) }
func (n *tn[K]) add(k K) *tn[K] {
	if n == nil {
		return &tn[K]{k: k}
	}
	switch cmp.Compare(k, n.k) {
	case -1:
		n.l = n.l.add(k)
	case 1:
		n.r = n.r.add(k)
	}
	return n
}
func (t *Tree[K]) Keys() (out []K) {
	var w func(*tn[K])
	w = func(n *tn[K]) {
		if n != nil {
			w(n.l)
			out = append(out, n.k)
			w(n.r)
		}
	}
	w(t.root)
	return
}
func main() {
	fmt.Println(fact(5), fact(int64(6)))
	var t Tree[string]
	t.Add("b")
	t.Add("a")
	fmt.Println(t.Keys())
}

// Output:
//	120 720
//	[a b]
