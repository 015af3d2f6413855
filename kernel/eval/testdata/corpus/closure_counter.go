//go:build ignore

package main

import (
	"fmt"
)

func counter() func() int { n := 0; return func() int { n++; return n } }
func main() {
	c := counter()
	fmt.Println(c(), c(), c())
	d := counter()
	fmt.Println(d(), c())
}

// Output:
//	1 2 3
//	1 4
