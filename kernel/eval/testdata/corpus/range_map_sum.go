//go:build ignore

package main

import (
	"fmt"
	"sort"
)

func main() {
	m := map[string]int{"a": 1, "b": 2}
	s, keys := 0, []string{}
	for k, v := range m {
		s += v
		keys = append(keys, k)
	}
	sort.Strings(keys)
	fmt.Println(s, keys)
}

// Output:
//	3 [a b]
