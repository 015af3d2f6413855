//go:build ignore

package main

import (
	"fmt"
)

func main() {
	add := func(a int) func(int) func() int {
		return func(b int) func() int { a += b; return func() int { a++; return a } }
	}
	f := add(1)(2)
	fmt.Println(f(), f())
}

// Output:
//	4 5
