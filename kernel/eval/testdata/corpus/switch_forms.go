//go:build ignore

package main

import (
	"fmt"
)

func f(n int) string {
	switch n {
	case 0, 1:
		return "low"
	case 2:
		fallthrough
	case 3:
		return "mid"
	default:
		if n == 7 {
			break
		}
		return "high"
	}
	return "seven"
}
func main() {
	for i := 0; i < 8; i++ {
		fmt.Print(f(i), " ")
	}
	fmt.Println()
}

// Output:
//	low low mid mid high high high seven
