//go:build ignore

package main

import (
	"fmt"
	"strconv"
)

func main() {
	f := 3.99
	fmt.Println(int(f), int(-f), uint8(int(f)), float32(0.1), float64(float32(0.1)), int64(1e15), string(rune(65)), string([]rune{104, 105}), []byte("hi"), []rune("hé"), uint8(300&0xff))
	var i64 int64 = 1 << 40
	fmt.Println(int32(i64), int32(i64+5), uint16(i64-1), float64(i64))
	n := 65
	fmt.Println(string(rune(n)), strconv.Itoa(n))
}

// Output:
//	3 -3 3 0.1 0.10000000149011612 1000000000000000 A hi [104 105] [104 233] 44
//	0 5 65535 1.099511627776e+12
//	A 65
