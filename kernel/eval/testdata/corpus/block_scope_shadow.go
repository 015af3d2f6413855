//go:build ignore

package main

import (
	"fmt"
)

func main() {
	x := 1
	{
		x := 2
		x++
		_ = x
	}
	if x := x + 5; x > 3 {
		fmt.Println(x)
	}
	fmt.Println(x)
}

// Output:
//	6
//	1
