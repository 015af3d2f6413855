//go:build ignore

package main

import (
	"fmt"
)

type A = int
type M = map[string]int

func main() {
	var x A = 5
	var m M = map[string]int{"a": 1}
	fmt.Println(x, m)
	fmt.Printf("%T %T\n", x, m)
}

// Output:
//	5 map[a:1]
//	int map[string]int
