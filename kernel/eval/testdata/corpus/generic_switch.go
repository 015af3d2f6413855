//go:build ignore

package main

import (
	"fmt"
)

type T struct{}

func Kind[V any](v V) string {
	switch any(v).(type) {
	case int:
		return "int"
	case string:
		return "string"
	case T:
		return "T"
	case []int:
		return "ints"
	}
	return "other"
}
func main() {
	fmt.Println(Kind(1), Kind("a"), Kind(2.5), Kind([]int{}), Kind(T{}))
}

// Output:
//	int string other ints T
