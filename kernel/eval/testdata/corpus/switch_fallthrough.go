//go:build ignore

package main

import (
	"fmt"
)

func main() {
	for i := range 4 {
		s := ""
		switch i {
		case 0:
			s += "0"
			fallthrough
		default:
			s += "d"
		case 1:
			s += "1"
			fallthrough
		case 2:
			s += "2"
		}
		fmt.Print(s, " ")
	}
	fmt.Println()
}

// Output:
//	0d 12 2 d
