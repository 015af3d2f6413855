//go:build ignore

package main

import (
	"fmt"
	"maps"
	"slices"
)

type Set[T comparable] map[T]struct{}

func SetOf[T comparable](v ...T) Set[T] {
	s := Set[T]{}
	for _, x := range v {
		s[x] = struct{}{}
	}
	return s
}
func (s Set[T]) Has(v T) bool { _, ok := s[v]; return ok }
func (s Set[T]) And(o Set[T]) Set[T] {
	r := Set[T]{}
	for v := range s {
		if o.Has(v) {
			r[v] = struct{}{}
		}
	}
	return r
}
func main() {
	a, b := SetOf(1, 2, 3), SetOf(2, 3, 4)
	c := a.And(b)
	fmt.Println(len(c), c.Has(2), c.Has(1), slices.Sorted(maps.Keys(c)))
}

// Output:
//	2 true false [2 3]
