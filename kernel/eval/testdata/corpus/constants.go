//go:build ignore

package main

import (
	"fmt"
	"time"
)

const (
	A = iota
	B
	_
	C
)
const (
	KB = 1 << (10 * (iota + 1))
	MB
)
const Big = 1e20
const huge = 1 << 100
const X, Y = 2.5, "y"
const S = "héllo"
const Pi = 3.14159265358979
const Typed int8 = 5

type Day int

const (
	Mon Day = iota + 1
	Tue
)

func (d Day) String() string { return [...]string{"?", "Mon", "Tue"}[d] }
func main() {
	fmt.Println(A, B, C, KB, MB, Big/1e18, huge>>98, X, Y, len(S), Typed)
	var f float32 = Pi
	var d time.Duration = 2 * time.Second
	fmt.Println(f, d, Mon, Tue.String(), 1<<3|1, "a"+"b", 'a'+1, 5/2*2.0)
}

// Output:
//	0 1 3 1024 1048576 100 4 2.5 y 6 5
//	3.1415927 2s Mon Tue 9 ab 98 4
