//go:build ignore

package main

import (
	"fmt"
)

func max(a, b int) string { return "mine" }
func main() {
	len := func(s string) int { return 99 }
	fmt.Println(len("a"), max(1, 2))
	true := false
	fmt.Println(true)
	var nil = 5
	fmt.Println(nil)
}

// Output:
//	99 mine
//	false
//	5
