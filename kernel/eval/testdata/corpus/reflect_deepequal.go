//go:build ignore

package main

import (
	"fmt"
	"reflect"
)

type T struct{ s []int }

func main() {
	fmt.Println(reflect.DeepEqual(T{[]int{1}}, T{[]int{1}}), reflect.DeepEqual(T{[]int{1}}, T{[]int{2}}), reflect.DeepEqual([]int{1}, []int{1}), reflect.DeepEqual(map[string]T{"a": {}}, map[string]T{"a": {}}))
}

// Output:
//	true false true true
