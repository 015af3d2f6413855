//go:build ignore

package main

import (
	"fmt"
	"strings"
)

func sum(n ...int) (t int) {
	for _, v := range n {
		t += v
	}
	return
}
func join(sep string, v ...any) string {
	var s []string
	for _, x := range v {
		s = append(s, fmt.Sprint(x))
	}
	return strings.Join(s, sep)
}
func mod(n ...int) { n[0] = 42 }
func main() {
	fmt.Println(sum(), sum(1), sum(1, 2), sum([]int{4, 5}...))
	fmt.Println(join("-", "a", 1, nil, 2.5))
	x := []int{1}
	mod(x...)
	fmt.Println(x)
}

// Output:
//	0 1 3 9
//	a-1-<nil>-2.5
//	[42]
