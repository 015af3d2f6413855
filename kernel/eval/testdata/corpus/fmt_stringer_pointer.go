//go:build ignore

package main

import (
	"fmt"
)

type P struct{ n int }

func (p *P) String() string { return fmt.Sprintf("P<%d>", p.n) }
func main() {
	p := &P{1}
	v := P{2}
	fmt.Println(p, v, []*P{p}[0], []P{v})
	fmt.Printf("%v %v %s\n", p, v, p)
}

// Output:
//	P<1> {2} P<1> [{2}]
//	P<1> {2} P<1>
