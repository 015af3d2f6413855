//go:build ignore

package main

import (
	"fmt"
)

func main() {
	s := []int{1, 2, 3}
	for i, v := range s {
		s = append(s, v*10)
		if i == 0 {
			s[1] = 99
		}
		fmt.Print(v, " ")
	}
	fmt.Println(len(s))
}

// Output:
//	1 2 3 6
