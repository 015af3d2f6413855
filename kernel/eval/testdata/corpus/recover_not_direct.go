//go:build ignore

package main

import (
	"fmt"
)

func helper() { fmt.Println("helper", recover()) }
func main() {
	defer func() { fmt.Println("top", recover()) }()
	func() { defer func() { helper() }(); panic("x") }()
}

// Output:
//	helper <nil>
//	top x
