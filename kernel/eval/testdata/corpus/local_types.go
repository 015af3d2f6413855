//go:build ignore

package main

import (
	"fmt"
)

func main() {
	type T struct{ n int }
	fmt.Printf("%v %T\n", T{1}, T{1})
	func() { type T string; fmt.Printf("%v %T\n", T("x"), T("x")) }()
}

// Output:
//	{1} main.T
//	x main.T
