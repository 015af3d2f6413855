//go:build ignore

package main

import (
	"fmt"
	"reflect"
)

type T struct{ A int }

func main() {
	fmt.Println(reflect.TypeOf(T{}).Name())
}

// Output:
//	T
