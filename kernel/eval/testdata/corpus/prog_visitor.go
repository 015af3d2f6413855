//go:build ignore

package main

import (
	"fmt"
)

type Expr interface {
	Eval() float64
	String() string
}
type Num float64
type Add struct{ L, R Expr }
type Mul struct{ L, R Expr }

func (n Num) Eval() float64  { return float64(n) }
func (n Num) String() string { return fmt.Sprintf("%g", float64(n)) }
func (a Add) Eval() float64  { return a.L.Eval() + a.R.Eval() }
func (a Add) String() string { return "(" + a.L.String() + " + " + a.R.String() + ")" }
func (m Mul) Eval() float64  { return m.L.Eval() * m.R.Eval() }
func (m Mul) String() string { return fmt.Sprint(m.L, "*", m.R) }
func depth(e Expr) int {
	switch e := e.(type) {
	case Add:
		return 1 + max(depth(e.L), depth(e.R))
	case Mul:
		return 1 + max(depth(e.L), depth(e.R))
	}
	return 1
}
func main() {
	e := Add{Num(2), Mul{Num(3), Num(4)}}
	fmt.Println(e.Eval(), e, depth(e))
}

// Output:
//	14 (2 + 3*4) 3
