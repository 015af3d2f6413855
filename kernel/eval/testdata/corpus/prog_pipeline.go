//go:build ignore

package main

import (
	"fmt"
)

func main() {
	gen := func(n int) <-chan int {
		c := make(chan int)
		go func() {
			defer close(c)
			for i := range n {
				c <- i
			}
		}()
		return c
	}
	sq := func(in <-chan int) <-chan int {
		out := make(chan int)
		go func() {
			defer close(out)
			for v := range in {
				out <- v * v
			}
		}()
		return out
	}
	s := 0
	for v := range sq(sq(gen(5))) {
		s += v
	}
	fmt.Println(s)
}

// Output:
//	354
