//go:build ignore

package main

import (
	"fmt"
	"strings"
	"sync"
)

type S struct {
	strings.Builder
	sync.Mutex
	n int
}

func main() {
	var s S
	s.WriteString("ab")
	s.Lock()
	s.n++
	s.Unlock()
	fmt.Println(s.String(), s.Len(), s.n)
}

// Output:
//	ab 2 1
