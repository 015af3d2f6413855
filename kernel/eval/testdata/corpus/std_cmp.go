//go:build ignore

package main

import (
	"cmp"
	"fmt"
)

func main() {
	fmt.Println(cmp.Compare(1, 2), cmp.Compare("b", "a"), cmp.Less(1.5, 1.5), cmp.Or("", "x", "y"), cmp.Or(0, 0))
}

// Output:
//	-1 1 false x 0
