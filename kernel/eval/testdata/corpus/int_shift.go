//go:build ignore

package main

import (
	"fmt"
)

func main() {
	var s uint = 70
	x := 1
	var y int8 = -128
	var z uint8 = 255
	fmt.Println(x<<s, x<<3, y>>1, y>>s, z>>4, z<<4, z<<s, -5>>1, uint32(1)<<31, int32(1)<<30)
	var n int = 3
	fmt.Println(1<<n, x<<n, uint64(1)<<63>>n)
}

// Output:
//	0 8 -64 -1 15 240 0 -3 2147483648 1073741824
//	8 8 1152921504606846976
