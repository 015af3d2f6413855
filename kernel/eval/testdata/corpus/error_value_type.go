//go:build ignore

package main

import (
	"errors"
	"fmt"
)

type NotFound struct{ Key string }

func (n NotFound) Error() string { return n.Key + " not found" }
func load(i int) error           { return fmt.Errorf("load %d: %w", i, NotFound{"k"}) }
func main() {
	err := load(0)
	var n NotFound
	if errors.As(err, &n) {
		fmt.Println("not found", n.Key, n)
	}
	if e, ok := err.(NotFound); ok {
		fmt.Println("direct", e.Key)
	} else {
		fmt.Println("wrapped")
	}
	fmt.Println(errors.Is(err, NotFound{"k"}), errors.Is(err, NotFound{"other"}))
}

// Output:
//	not found k k not found
//	wrapped
//	true false
