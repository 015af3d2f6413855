//go:build ignore

package main

import (
	"fmt"
	"strings"
)

type Op func(a, b int) int

func add(a, b int) int      { return a + b }
func apply(o Op, n int) int { return o(n, n) }
func compose(f, g func(string) string) func(string) string {
	return func(s string) string { return f(g(s)) }
}
func main() {
	var op Op = add
	fmt.Println(op(1, 2), apply(op, 3), apply(func(a, b int) int { return a * b }, 4))
	ops := []Op{add, nil}
	fmt.Println(ops[1] == nil, op != nil)
	fmt.Println(compose(strings.ToUpper, strings.TrimSpace)(" x "))
}

// Output:
//	3 6 16
//	true true
//	X
