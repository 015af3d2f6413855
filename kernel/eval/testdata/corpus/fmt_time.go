//go:build ignore

package main

import (
	"fmt"
	"time"
)

type T struct {
	D time.Duration
	d time.Duration
}

func main() {
	d := 90 * time.Second
	fmt.Println(d, T{d, d}, []time.Duration{1, 2}, map[time.Duration]int{d: 1})
	fmt.Printf("%v %d %T %+v\n", d, d, d, T{1, 2})
}

// Output:
//	1m30s {1m30s 90000000000} [1ns 2ns] map[1m30s:1]
//	1m30s 90000000000 time.Duration {D:1ns d:2}
