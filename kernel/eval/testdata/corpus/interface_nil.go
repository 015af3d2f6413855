//go:build ignore

package main

import (
	"fmt"
)

type E struct{}

func (*E) Error() string { return "E" }
func main() {
	var e error
	var p *E
	fmt.Println(e == nil, p == nil)
	e = p
	fmt.Println(e == nil, e != nil)
	var a any = (*int)(nil)
	fmt.Println(a == nil, a == (*int)(nil))
}

// Output:
//	true true
//	false true
//	false true
