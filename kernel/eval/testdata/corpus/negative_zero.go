//go:build ignore

package main

import (
	"fmt"
	"math"
)

type celsius float64

type point struct{ x, y float64 }

func (p point) at(x float64, i int) string { return fmt.Sprint(p.x, x, i) }
func (c celsius) sign() bool               { return math.Signbit(float64(c)) }

type signer interface{ sign() bool }
type placer interface {
	at(x float64, i int) string
}

func one(x float64) float64   { return 1 / x }
func two(x, y float64) string { return fmt.Sprint(x, y) }
func mixed(x float32, n int, y celsius, s string) string {
	return fmt.Sprint(x, n, y, s)
}
func named(x float64) (y float64) { y = x; return }
func grows(x float64) func() float64 {
	return func() float64 { x *= 2; return x }
}
func many(xs ...float64) string         { return fmt.Sprint(xs) }
func first[T any](x T, y T) T           { return x }
func cplx(c complex128) string          { return fmt.Sprint(c) }
func results() (float64, float64)       { z := 0.0; return -z, z }
func holds(x any) string                { return fmt.Sprint(x) }
func deferred(x float64, to *[]float64) { *to = append(*to, x) }

func main() {
	zero := 0.0
	neg := -zero
	fmt.Println(one(neg), one(zero), two(neg, zero), two(zero, neg))
	fmt.Println(mixed(float32(neg), 1, celsius(neg), "x"), named(neg), grows(neg)())
	fmt.Println(many(neg, zero), first(neg, zero), cplx(complex(neg, zero)), cplx(complex(zero, neg)))
	fmt.Println(two(results()))
	f := one
	fmt.Println(f(neg), func(x float64) float64 { return 1 / x }(neg))
	var s signer = celsius(neg)
	var p placer = point{neg, 1}
	fmt.Println(s.sign(), p.at(neg, 1), point{1, neg}.at(neg, 2))
	g, h := point.at, p.at
	fmt.Println(g(point{3, 4}, neg, 1), h(neg, 2))
	fmt.Println(holds(neg), math.Round(-0.3), two(math.Round(-0.3), math.Copysign(0, -1)))
	var list []float64
	func() {
		defer deferred(neg, &list)
		defer func(x float64) { list = append(list, x) }(neg)
	}()
	done := make(chan bool)
	go func(x float64) { list = append(list, x); done <- true }(neg)
	<-done
	fmt.Println(list, first(one, nil)(neg))
	x := neg
	bump := func() { x = -x }
	bump()
	fmt.Println(two(x, -x))
}

// Output:
//	-Inf +Inf -0 0 0 -0
//	-0 1 -0x -0 -0
//	[-0 0] -0 (-0+0i) (0-0i)
//	-0 0
//	-Inf -Inf
//	true -0 -0 1 1 -0 2
//	3 -0 1 -0 -0 2
//	-0 -0 -0 -0
//	[-0 -0 -0] -Inf
//	0 -0
