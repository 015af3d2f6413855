//go:build ignore

package main

import (
	"fmt"
)

func main() {
	n := 50
	c := make([]bool, n+1)
	for i := 2; i*i <= n; i++ {
		if !c[i] {
			for j := i * i; j <= n; j += i {
				c[j] = true
			}
		}
	}
	for i := 2; i <= n; i++ {
		if !c[i] {
			fmt.Print(i, " ")
		}
	}
	fmt.Println()
}

// Output:
//	2 3 5 7 11 13 17 19 23 29 31 37 41 43 47
