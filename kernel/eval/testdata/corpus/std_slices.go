//go:build ignore

package main

import (
	"fmt"
	"slices"
)

func main() {
	s := []int{3, 1, 2}
	t := slices.Clone(s)
	slices.Sort(t)
	fmt.Println(s, t, slices.Max(s), slices.Min(s), slices.Contains(s, 2), slices.Index(s, 9), slices.Equal(s, t))
	i, ok := slices.BinarySearch(t, 2)
	fmt.Println(i, ok, slices.Compact([]int{1, 1, 2}))
}

// Output:
//	[3 1 2] [1 2 3] 3 1 true -1 false
//	1 true [1 2]
