//go:build ignore

package main

import (
	"fmt"
)

func main() {
	x := 1
	defer fmt.Println("deferred", x)
	x = 5
	fmt.Println("now", x)
}

// Output:
//	now 5
//	deferred 1
