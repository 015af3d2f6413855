//go:build ignore

package main

import (
	"fmt"
)

func main() {
	defer fmt.Println("deferred runs")
	var m map[string]int
	m["x"] = 1
}

// Output:
//	deferred runs
//	exit status 2
