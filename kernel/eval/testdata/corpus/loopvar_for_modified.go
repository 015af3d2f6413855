//go:build ignore

package main

import (
	"fmt"
)

func main() {
	var fs []func() int
	for i := 0; i < 6; i++ {
		i++
		fs = append(fs, func() int { i += 10; return i })
	}
	for _, f := range fs {
		fmt.Println(f(), f())
	}
}

// Output:
//	11 21
//	13 23
//	15 25
