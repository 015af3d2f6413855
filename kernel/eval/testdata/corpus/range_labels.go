//go:build ignore

package main

import (
	"fmt"
)

func main() {
	n := 0
outer:
	for i := 0; i < 4; i++ {
		for j := range 4 {
			if j == 2 {
				continue outer
			}
			if i == 3 {
				break outer
			}
			n += i*10 + j
		}
	}
	fmt.Println(n)
}

// Output:
//	63
