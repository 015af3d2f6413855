//go:build ignore

package main

import (
	"fmt"
)

func main() {
	c := make(chan int, 3)
	for i := range 3 {
		c <- i * i
	}
	close(c)
	for v := range c {
		fmt.Print(v, " ")
	}
	v, ok := <-c
	fmt.Println(v, ok)
}

// Output:
//	0 1 4 0 false
