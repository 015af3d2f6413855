//go:build ignore

package main

import (
	"fmt"
)

func f() {
	defer fmt.Println(1)
	defer fmt.Println(2)
	func() { defer fmt.Println("inner") }()
	fmt.Println("body")
}
func main() {
	f()
	fmt.Println("end")
}

// Output:
//	inner
//	body
//	2
//	1
//	end
