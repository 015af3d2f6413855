//go:build ignore

package main

import (
	"fmt"
)

type In struct{ X int }
type O struct {
	In
	Y int
}
type D int

func (d D) String() string { return "D!" }

type S struct{ D }

func main() {
	fmt.Printf("%v %+v %#v\n", O{In{1}, 2}, O{In{1}, 2}, O{In{1}, 2})
	fmt.Println(S{D(2)}, &S{})
}

// Output:
//	{{1} 2} {In:{X:1} Y:2} main.O{In:main.In{X:1}, Y:2}
//	D! D!
