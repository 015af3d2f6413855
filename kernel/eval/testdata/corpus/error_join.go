//go:build ignore

package main

import (
	"errors"
	"fmt"
)

type E int

func (e E) Error() string { return fmt.Sprint("E", int(e)) }
func main() {
	err := errors.Join(errors.New("a"), E(3), nil)
	var e E
	fmt.Println(errors.As(err, &e), int(e))
	fmt.Println(err)
}

// Output:
//	true 3
//	a
//	E3
