//go:build ignore

package main

import (
	"fmt"
)

func main() {
	i := 0
again:
	if i < 3 {
		fmt.Print(i)
		i++
		goto again
	}
	fmt.Println()
}

// Output:
//	012
