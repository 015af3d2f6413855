//go:build ignore

package main

import (
	"fmt"
)

type T struct {
	A int
	b string
}

func main() {
	t := &T{1, "x"}
	fmt.Printf("%v %+v %#v %T\n", t, t, t, t)
	fmt.Println(t, []T{{2, "y"}}, [1]*T{nil}[0] == nil)
}

// Output:
//	&{1 x} &{A:1 b:x} &main.T{A:1, b:"x"} *main.T
//	&{1 x} [{2 y}] true
