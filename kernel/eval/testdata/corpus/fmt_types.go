//go:build ignore

package main

import (
	"fmt"
)

type T struct{}

func (T) M() {}

type K int
type I interface{ M() }

func main() {
	fmt.Printf("%T %T %T %T %T %T %T\n", T{}, &T{}, []T{}, map[string]*T{}, K(1), func(T) K { return 0 }, [2]I{})
	var i I = T{}
	var e any
	fmt.Printf("%T %T %v\n", i, e, e)
}

// Output:
//	main.T *main.T []main.T map[string]*main.T main.K func(main.T) main.K [2]main.I
//	main.T <nil> <nil>
