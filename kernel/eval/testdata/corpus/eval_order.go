//go:build ignore

package main

import (
	"fmt"
)

func f(n int) int    { fmt.Print("f", n, " "); return n }
func g(a, b int) int { return a*10 + b }
func main() {
	a := []int{f(1), f(2) + f(3), g(f(4), f(5))}
	fmt.Println(a)
	m := map[int]int{f(6): f(7)}
	fmt.Println(m, f(8) > 100 && f(9) > 0, f(10) > 0 || f(11) > 0)
}

// Output:
//	f1 f2 f3 f4 f5 [1 5 45]
//	f6 f7 f8 f10 map[6:7] false true
