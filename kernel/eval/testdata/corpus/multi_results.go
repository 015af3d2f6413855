//go:build ignore

package main

import (
	"fmt"
)

func pair() (int, int) { return 3, 4 }
func add(a, b int) int { return a + b }
func show(v ...any)    { fmt.Println(len(v), v) }
func main() {
	fmt.Println(pair())
	fmt.Println(add(pair()))
	show(pair())
	a, _ := pair()
	fmt.Println(a)
}

// Output:
//	3 4
//	7
//	2 [3 4]
//	3
