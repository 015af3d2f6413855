//go:build ignore

package main

import (
	"fmt"
)

type E struct{}

func (*E) Error() string { return "e" }
func f(fail bool) error {
	if fail {
		return &E{}
	}
	return nil
}
func main() {
	fmt.Println(f(false) == nil, f(true) == nil)
}

// Output:
//	true false
