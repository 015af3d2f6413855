//go:build ignore

package main

import (
	"fmt"
	"maps"
	"slices"
)

func main() {
	m := map[string]int{"b": 2, "a": 1, "c": 3}
	keys := slices.Sorted(maps.Keys(m))
	n := maps.Clone(m)
	n["d"] = 4
	fmt.Println(keys, len(m), len(n), maps.Equal(m, n), slices.Sorted(maps.Values(m)))
	maps.DeleteFunc(n, func(k string, v int) bool { return v > 1 })
	fmt.Println(n, maps.Collect(slices.All([]string{"x"})))
}

// Output:
//	[a b c] 3 4 false [1 2 3]
//	map[a:1] map[0:x]
