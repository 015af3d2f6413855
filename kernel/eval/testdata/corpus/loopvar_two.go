//go:build ignore

package main

import (
	"fmt"
)

func main() {
	var fs []func()
	for i, j := 0, 10; i < j; i, j = i+3, j-1 {
		fs = append(fs, func() { fmt.Println(i, j) })
	}
	for _, f := range fs {
		f()
	}
}

// Output:
//	0 10
//	3 9
//	6 8
