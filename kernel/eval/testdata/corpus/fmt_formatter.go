//go:build ignore

package main

import (
	"fmt"
)

type F struct{}

func (F) Format(s fmt.State, verb rune) {
	w, wok := s.Width()
	fmt.Fprintf(s, "<%c %d %v>", verb, w, wok)
}
func main() {
	fmt.Printf("%v %x %5.1z\n", F{}, F{}, F{})
	fmt.Println(F{}, []F{{}})
}

// Output:
//	<v 0 false> <x 0 false> <z 5 true>
//	<v 0 false> [<v 0 false>]
