//go:build ignore

package main

import (
	"fmt"
)

type Str interface {
	comparable
	fmt.Stringer
}
type ID int

func (i ID) String() string { return fmt.Sprintf("#%d", int(i)) }
func Join[T Str](s []T) (out string) {
	for _, v := range s {
		out += v.String()
	}
	return
}
func main() {
	fmt.Println(Join([]ID{1, 2}))
}

// Output:
//	#1#2
