//go:build ignore

package main

import (
	"fmt"
)

type In struct{ X int }
type T struct {
	N  int
	s  string
	L  []int
	m  map[string]bool
	P  *In
	in In
	e  error
}

func main() {
	t := T{1, "s", []int{1}, map[string]bool{"k": true}, &In{2}, In{3}, nil}
	t.P = nil
	fmt.Printf("%v\n%+v\n%#v\n", t, t, t)
}

// Output:
//	{1 s [1] map[k:true] <nil> {3} <nil>}
//	{N:1 s:s L:[1] m:map[k:true] P:<nil> in:{X:3} e:<nil>}
//	main.T{N:1, s:"s", L:[]int{1}, m:map[string]bool{"k":true}, P:(*main.In)(nil), in:main.In{X:3}, e:error(nil)}
