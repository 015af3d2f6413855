//go:build ignore

package main

import (
	"fmt"
)

func main() {
	c := make(chan int, 1)
	for range 2 {
		select {
		case c <- 5:
			fmt.Println("sent")
		default:
			fmt.Println("full")
		}
	}
	select {
	case v, ok := <-c:
		fmt.Println(v, ok)
	default:
		fmt.Println("empty")
	}
	select {
	case <-c:
	default:
		fmt.Println("empty")
	}
}

// Output:
//	sent
//	full
//	5 true
//	empty
