//go:build ignore

package main

import (
	"fmt"
)

func main() {
	var ps []*int
	for i := range 3 {
		ps = append(ps, &i)
	}
	for i := 0; i < 2; i++ {
		ps = append(ps, &i)
	}
	for _, p := range ps {
		fmt.Print(*p, " ")
	}
	fmt.Println()
}

// Output:
//	0 1 2 0 1
