//go:build ignore

package main

import (
	"fmt"
	"iter"
)

func evens(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 0; i < n; i += 2 {
			if !yield(i) {
				return
			}
		}
	}
}
func first(s iter.Seq[int]) int {
	for v := range s {
		if v > 3 {
			return v
		}
	}
	return -1
}
func nested() (out string) {
outer:
	for a := range evens(6) {
		for b := range evens(6) {
			if b > a {
				continue outer
			}
			if a == 4 {
				break outer
			}
			out += fmt.Sprint(a, b, ";")
		}
	}
	return
}
func main() {
	for v := range evens(10) {
		if v == 6 {
			break
		}
		if v == 2 {
			continue
		}
		fmt.Print(v, " ")
	}
	fmt.Println(first(evens(9)), nested())
}

// Output:
//	0 4 4 0 0;2 0;2 2;
