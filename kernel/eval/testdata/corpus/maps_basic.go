//go:build ignore

package main

import (
	"fmt"
)

func main() {
	m := map[string][]int{"a": {1}}
	m["b"] = append(m["b"], 2)
	v, ok := m["z"]
	fmt.Println(v == nil, ok, len(m), m)
	delete(m, "a")
	if _, ok := m["a"]; !ok {
		fmt.Println("gone")
	}
	var nm map[int]int
	fmt.Println(nm[3], len(nm))
	n := map[string]map[string]int{}
	if n["x"] == nil {
		n["x"] = map[string]int{}
	}
	n["x"]["y"]++
	fmt.Println(n)
	clear(n)
	fmt.Println(len(n))
}

// Output:
//	true false 2 map[a:[1] b:[2]]
//	gone
//	0 0
//	map[x:map[y:1]]
//	0
