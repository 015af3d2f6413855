//go:build ignore

package main

import (
	"fmt"
)

func show(s string, n int, done chan bool) { fmt.Println(s, n); done <- true }
func main() {
	x := 1
	done := make(chan bool)
	go func(n int) { fmt.Println(n); done <- true }(x)
	x = 2
	<-done
	go show("m", x, done)
	<-done
}

// Output:
//	1
//	m 2
