//go:build ignore

package main

import (
	"fmt"
	"math"
)

type Shape interface {
	Area() float64
	Name() string
}
type Sq struct{ a float64 }

func (s Sq) Area() float64 { return s.a * s.a }
func (s Sq) Name() string  { return "square" }

type Ci struct{ r float64 }

func (c *Ci) Area() float64 { return math.Pi * c.r * c.r }
func (c *Ci) Name() string  { return "circle" }
func main() {
	for _, s := range []Shape{Sq{2}, &Ci{1}, Sq{3}} {
		fmt.Printf("%.2f %s\n", s.Area(), s.Name())
	}
}

// Output:
//	4.00 square
//	3.14 circle
//	9.00 square
