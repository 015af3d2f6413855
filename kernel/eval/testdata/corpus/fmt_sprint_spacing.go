//go:build ignore

package main

import (
	"fmt"
)

type T struct{ n int }
type K int

func main() {
	fmt.Println(fmt.Sprint("a", 1, 2, "b", T{1}, T{2}, 3), fmt.Sprintln("x", K(1)), fmt.Sprint(K(1), K(2)))
}

// Output:
//	a1 2b{1} {2} 3 x 1
//	 1 2
