//go:build ignore

package main

import (
	"fmt"
	"sync"
)

type T struct{ n int }
type U struct{ n int }

func main() {
	var m sync.Map
	m.Store(T{1}, "one")
	v, ok := m.Load(T{1})
	_, no := m.Load(U{1})
	fmt.Println(v, ok, no)
	p := sync.Pool{New: func() any { return &T{9} }}
	fmt.Println(p.Get().(*T).n)
}

// Output:
//	one true false
//	9
