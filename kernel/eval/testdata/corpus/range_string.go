//go:build ignore

package main

import (
	"fmt"
)

func main() {
	for i, r := range "héa\xffz" {
		fmt.Print(i, ":", r, " ")
	}
	for i := range "ab" {
		fmt.Print(i)
	}
	fmt.Println()
}

// Output:
//	0:104 1:233 3:97 4:65533 5:122 01
