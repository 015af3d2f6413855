//go:build ignore

package main

import (
	"fmt"
	"iter"
)

type node[T any] struct {
	v    T
	next *node[T]
	l    *List[T]
}
type List[T any] struct {
	head *node[T]
	n    int
}

func (l *List[T]) Push(v T) { l.head = &node[T]{v, l.head, l}; l.n++ }
func (l *List[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		for n := l.head; n != nil; n = n.next {
			if n.l != l || !yield(n.v) {
				return
			}
		}
	}
}
func main() {
	var l List[int]
	for i := range 4 {
		l.Push(i)
	}
	for v := range l.All() {
		fmt.Print(v, " ")
	}
	fmt.Println(l.n)
}

// Output:
//	3 2 1 0 4
