//go:build ignore

package main

import (
	"fmt"
)

func once(yield func(int) bool) { yield(1); fmt.Println("iterator ends") }
func f() {
	for i := range once {
		defer fmt.Println("deferred", i)
	}
	fmt.Println("f ends")
}
func main() {
	f()
}

// Output:
//	iterator ends
//	f ends
//	deferred 1
