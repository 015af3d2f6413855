//go:build ignore

package main

import (
	"fmt"
)

func main() {
	for i := 0; i < 3; i++ {
		defer fmt.Print(i, " ")
	}
	for i := range 2 {
		defer func() { fmt.Print("c", i, " ") }()
	}
}

// Output:
//	c1 c0 2 1 0
