//go:build ignore

package main

import (
	"fmt"
)

func f() (n int) { defer func() { n *= 2 }(); n = 3; return n + 1 }
func g() (s string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("got %v", r)
		}
	}()
	s = "x"
	panic("boom")
}
func main() {
	fmt.Println(f())
	fmt.Println(g())
}

// Output:
//	8
//	x got boom
