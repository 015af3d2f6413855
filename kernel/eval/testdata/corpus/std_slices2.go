//go:build ignore

package main

import (
	"fmt"
	"slices"
)

func main() {
	fmt.Println(slices.Insert([]string{"a", "d"}, 1, "b", "c"), slices.Delete([]int{0, 1, 2, 3}, 1, 3), slices.Concat([]int{1}, []int{2, 3}), slices.Repeat([]int{7}, 3), slices.IndexFunc([]int{1, 5}, func(n int) bool { return n > 3 }))
	x := []int{1, 2, 3}
	slices.Reverse(x)
	fmt.Println(x, slices.DeleteFunc(x, func(n int) bool { return n == 2 }), slices.IsSorted(x))
}

// Output:
//	[a b c d] [0 3] [1 2 3] [7 7 7] 1
//	[3 1 0] [3 1] false
