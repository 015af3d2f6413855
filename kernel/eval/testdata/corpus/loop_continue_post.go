//go:build ignore

package main

import (
	"fmt"
)

func main() {
	n := 0
	var ps []*int
	for i := 0; i < 5; i++ {
		if i%2 == 0 {
			continue
		}
		ps = append(ps, &i)
		n += i
	}
	fmt.Println(n, *ps[0], *ps[1])
}

// Output:
//	4 1 3
