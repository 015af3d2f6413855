//go:build ignore

package main

import (
	"fmt"
	"reflect"
)

func main() {
	fmt.Println(reflect.TypeOf(1), reflect.ValueOf("s").Len(), reflect.TypeOf([]int{}).Kind())
}

// Output:
//	int 1 slice
