//go:build ignore

package main

import (
	"fmt"
)

type P struct{ s string }

func (p *P) String() string { return p.s }
func main() {
	var p *P
	fmt.Println(p)
	fmt.Printf("%v %s %+v\n", p, p, struct{ P *P }{nil})
}

// Output:
//	<nil>
//	<nil> <nil> {P:<nil>}
