//go:build ignore

package main

import (
	"errors"
	"fmt"
)

type E struct{ n int }

func (e E) Error() string { return fmt.Sprint("E", e.n) }

type T struct {
	Err error
	e   E
}

func main() {
	fmt.Println(T{errors.New("boom"), E{3}}, []error{E{1}, nil})
	fmt.Printf("%v %+v\n", E{5}, T{Err: E{6}})
}

// Output:
//	{boom {3}} [E1 <nil>]
//	E5 {Err:E6 e:{n:0}}
