//go:build ignore

package main

import (
	"fmt"
	"math"
	"math/rand/v2"
)

type job struct {
	id       int
	need, at float64
}

func main() {
	q := []job{}
	t, served := 0.0, 0
	r := rand.New(rand.NewPCG(7, 7))
	for i := range 20 {
		q = append(q, job{i, r.ExpFloat64(), t})
		t += r.ExpFloat64()
	}
	clock, wait := 0.0, 0.0
	for len(q) > 0 {
		j := q[0]
		q = q[1:]
		clock = math.Max(clock, j.at)
		wait += clock - j.at
		clock += j.need
		served++
	}
	fmt.Printf("%d %.6f %.6f\n", served, clock, wait/float64(served))
}

// Output:
//	20 13.978973 4.249023
