//go:build ignore

package main

import (
	"fmt"
)

func main() {
	var fs []func() string
	for _, v := range []string{"a", "b"} {
		fs = append(fs, func() string { return v })
	}
	for _, f := range fs {
		fmt.Println(f())
	}
}

// Output:
//	a
//	b
