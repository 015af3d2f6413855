//go:build ignore

package main

import (
	"fmt"
)

func main() {
	x := 1
	inc := func() { x++ }
	get := func() int { return x }
	inc()
	inc()
	x *= 10
	fmt.Println(get(), x)
}

// Output:
//	30 30
