//go:build ignore

package main

import (
	"fmt"
)

func main() {
	in, quit := make(chan int), make(chan bool)
	go func() {
		for i := range 3 {
			in <- i
		}
		close(quit)
	}()
	sum := 0
	for {
		select {
		case v := <-in:
			sum += v
			continue
		case <-quit:
			fmt.Println(sum)
			return
		}
	}
}

// Output:
//	3
