//go:build ignore

package main

import (
	"fmt"
)

func main() {
	s := make([]byte, 5, 6)
	copy(s, "12346")
	s = append(s[:len(s)-1], 53, s[len(s)-1])
	fmt.Println(string(s))
	x := []int{1, 2, 3, 4}
	x = append(x[:1], x[2:]...)
	fmt.Println(x)
}

// Output:
//	123456
//	[1 3 4]
