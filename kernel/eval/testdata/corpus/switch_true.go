//go:build ignore

package main

import (
	"fmt"
)

func main() {
	x := 7
	switch {
	case x > 5 && x < 10:
		fmt.Println("in")
	case x > 5:
		fmt.Println("over")
	}
	switch y := x * 2; {
	case y == 14:
		fmt.Println("14")
	}
	switch {
	default:
		fmt.Println("only")
	}
}

// Output:
//	in
//	14
//	only
