//go:build ignore

package main

import (
	"fmt"
)

func main() {
	fmt.Println("before")
	panic(fmt.Sprintf("bad %d", 3))
}

// Output:
//	before
//	exit status 2
