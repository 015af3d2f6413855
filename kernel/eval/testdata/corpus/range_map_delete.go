//go:build ignore

package main

import (
	"fmt"
)

func main() {
	m := map[int]bool{1: true, 2: true, 3: true}
	for k := range m {
		delete(m, k)
	}
	fmt.Println(len(m))
}

// Output:
//	0
