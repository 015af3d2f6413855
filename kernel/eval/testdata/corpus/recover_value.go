//go:build ignore

package main

import (
	"errors"
	"fmt"
)

func try(f func()) (out string) {
	defer func() {
		if r := recover(); r != nil {
			out = fmt.Sprintf("%T %v", r, r)
		}
	}()
	f()
	return "fine"
}
func main() {
	fmt.Println(try(func() { panic(fmt.Sprintf("n=%d", 4)) }), try(func() {}), try(func() { panic(errors.New("e")) }))
}

// Output:
//	string n=4 fine *errors.errorString e
