//go:build ignore

package main

import (
	"fmt"
)

type Shape interface{ Area() float64 }
type Named interface{ Name() string }
type Sq struct{ a float64 }

func (s Sq) Area() float64 { return s.a * s.a }
func (s Sq) Name() string  { return "square" }
func main() {
	var s Shape = Sq{2}
	if n, ok := s.(Named); ok {
		fmt.Println(n.Name())
	}
	if _, ok := s.(interface{ Missing() }); !ok {
		fmt.Println("not missing")
	}
	sq := s.(Sq)
	fmt.Println(sq.a)
	_, ok := s.(*Sq)
	fmt.Println(ok)
	var a any = s
	_, ok = a.(Shape)
	fmt.Println(ok)
}

// Output:
//	square
//	not missing
//	2
//	false
//	true
