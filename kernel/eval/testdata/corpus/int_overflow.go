//go:build ignore

package main

import (
	"fmt"
	"math"
)

func main() {
	var a int8 = 127
	a++
	var b uint8 = 0
	b--
	var c int16 = -32768
	c = -c
	var d uint32 = 1 << 31
	d *= 2
	var e int64 = math.MaxInt64
	e += 2
	var f int32 = math.MinInt32
	fmt.Println(a, b, c, d, e, f/-1, int8(b), uint16(c), a*a, b*b>>1)
}

// Output:
//	-128 255 -32768 0 -9223372036854775807 -2147483648 -1 32768 0 0
