//go:build ignore

package main

import (
	"fmt"
)

type T struct{ n int }
type K int

func main() {
	fmt.Println([]any{1, T{2}, &T{3} != nil, nil, "s", []T{{4}}, map[string]any{"k": T{5}}})
	fmt.Printf("%v %+v\n", map[string]T{"a": {1}}, [][]T{{{1}}, nil})
	fmt.Printf("%#v %#v\n", []K{1}, map[K]string{2: "x"})
}

// Output:
//	[1 {2} true <nil> s [{4}] map[k:{5}]]
//	map[a:{1}] [[{n:1}] []]
//	[]main.K{1} map[main.K]string{2:"x"}
