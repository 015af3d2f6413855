//go:build ignore

package main

import (
	"fmt"
)

type T struct{ x int }

func try(f func()) (s string) {
	defer func() {
		if e, ok := recover().(error); ok {
			s = e.Error()
		}
	}()
	f()
	return "no panic"
}
func main() {
	fmt.Println(try(func() { var a []int; _ = a[5] }))
	fmt.Println(try(func() { var p *T; _ = p.x }))
	fmt.Println(try(func() { z := 0; fmt.Println(1 / z) }))
	fmt.Println(try(func() { var m map[string]int; m["a"] = 1 }))
	fmt.Println(try(func() { var i any = "s"; _ = i.(int) }))
	fmt.Println(try(func() { s := []int{1, 2, 3}; n := 5; _ = s[1:n] }))
	fmt.Println(try(func() { s := "abc"; n := 7; _ = s[n] }))
	fmt.Println(try(func() { a := [3]int{}; n := -1; a[n+0] = 1 }))
}

// Output:
//	runtime error: index out of range [5] with length 0
//	runtime error: invalid memory address or nil pointer dereference
//	runtime error: integer divide by zero
//	assignment to entry in nil map
//	interface conversion: interface {} is string, not int
//	runtime error: slice bounds out of range [:5] with capacity 3
//	runtime error: index out of range [7] with length 3
//	runtime error: index out of range [-1]
