//go:build ignore

package main

import (
	"fmt"
)

func handle(name string) {
	if r := recover(); r != nil {
		fmt.Println(name, r)
	}
}
func f() { defer handle("f"); panic(42) }
func main() {
	f()
	fmt.Println("after")
}

// Output:
//	f 42
//	after
