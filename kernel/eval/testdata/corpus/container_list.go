//go:build ignore

package main

import (
	"container/list"
	"fmt"
)

type T struct{ n int }

func main() {
	l := list.New()
	l.PushBack(T{1})
	l.PushFront(T{0})
	l.PushBack("s")
	for e := l.Front(); e != nil; e = e.Next() {
		switch v := e.Value.(type) {
		case T:
			fmt.Println("T", v.n)
		default:
			fmt.Println(v)
		}
	}
}

// Output:
//	T 0
//	T 1
//	s
