//go:build ignore

package main

import (
	"fmt"
)

func main() {
	y := "a"
	f := func(s string) { fmt.Println("f", s) }
	defer f(y)
	y = "b"
	f = nil
	fmt.Println(y)
}

// Output:
//	b
//	f a
