//go:build ignore

package main

import (
	"fmt"
)

type G struct{ n int }

func (g G) GoString() string { return fmt.Sprintf("G!%d", g.n) }
func main() {
	fmt.Printf("%#v %v %#v\n", G{1}, G{2}, []G{{3}})
}

// Output:
//	G!1 {2} []main.G{G!3}
