//go:build ignore

package main

import (
	"fmt"
)

func main() {
	defer func() { fmt.Println("outer", recover()) }()
	func() { defer func() { r := recover(); fmt.Println("inner", r); panic("second") }(); panic("first") }()
}

// Output:
//	inner first
//	outer second
