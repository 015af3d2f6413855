//go:build ignore

package main

import (
	"fmt"
)

type F func(int) int

func (f F) twice(n int) int { return f(f(n)) }
func main() {
	f := F(func(n int) int { return n + 1 })
	fmt.Println(f.twice(3))
}

// Output:
//	5
