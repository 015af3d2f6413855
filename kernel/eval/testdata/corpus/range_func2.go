//go:build ignore

package main

import (
	"fmt"
	"iter"
)

func pairs() iter.Seq2[string, int] {
	return func(yield func(string, int) bool) { _ = yield("a", 1) && yield("b", 2) }
}
func main() {
	for k, v := range pairs() {
		fmt.Print(k, v, " ")
	}
	for range pairs() {
		fmt.Print("x")
	}
	fmt.Println()
}

// Output:
//	a1 b2 xx
