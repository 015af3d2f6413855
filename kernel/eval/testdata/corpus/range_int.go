//go:build ignore

package main

import (
	"fmt"
)

func main() {
	for i := range 3 {
		fmt.Print(i, " ")
	}
	var n int8 = 3
	for i := range n {
		fmt.Printf("%T%d ", i, i)
	}
	for range 2 {
		fmt.Print("x")
	}
	fmt.Println()
}

// Output:
//	0 1 2 int80 int81 int82 xx
