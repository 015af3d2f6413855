//go:build ignore

package main

import (
	"fmt"
)

type M struct {
	r, c int
	d    []float64
}

func NewM(r, c int) *M               { return &M{r, c, make([]float64, r*c)} }
func (m *M) At(i, j int) float64     { return m.d[i*m.c+j] }
func (m *M) Set(i, j int, v float64) { m.d[i*m.c+j] = v }
func (m *M) T() *M {
	t := NewM(m.c, m.r)
	for i := range m.r {
		for j := range m.c {
			t.Set(j, i, m.At(i, j))
		}
	}
	return t
}
func (m *M) Mul(o *M) *M {
	p := NewM(m.r, o.c)
	for i := range m.r {
		for j := range o.c {
			s := 0.0
			for k := range m.c {
				s += m.At(i, k) * o.At(k, j)
			}
			p.Set(i, j, s)
		}
	}
	return p
}
func main() {
	a := NewM(2, 3)
	for i := range a.d {
		a.d[i] = float64(i)
	}
	b := a.T()
	fmt.Println(a.Mul(b).d, b.At(2, 1))
}

// Output:
//	[5 14 14 50] 5
