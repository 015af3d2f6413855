//go:build ignore

package main

import "fmt"

type T struct{ n int }

func main() {
	a, m := 1, map[string]int{"k": 2}
	f := func() { a++ }
	f()
	fmt.Println([]int{a + 1}, []int{a ^ 3}, []int{a + m["k"]})
	fmt.Println([]int{a ^ m["k"]})
	fmt.Println([]int{a &^ m["k"], a << 2, -a, a})
	fmt.Println(map[int]int{a + 1: a ^ m["k"]}, T{a ^ m["k"]}, [2]int{a &^ m["k"], a})
}

// Output:
//	[3] [1] [4]
//	[0]
//	[0 8 -2 2]
//	map[3:0] {0} [0 2]
