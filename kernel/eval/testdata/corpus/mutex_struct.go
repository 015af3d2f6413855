//go:build ignore

package main

import (
	"fmt"
	"sync"
)

type C struct {
	mu sync.Mutex
	n  int
}

func (c *C) add(n int) { c.mu.Lock(); defer c.mu.Unlock(); c.n += n }
func (c *C) get() int  { c.mu.Lock(); defer c.mu.Unlock(); return c.n }
func main() {
	var c C
	var wg sync.WaitGroup
	for i := 0; i < 20; i++ {
		wg.Add(1)
		go func(n int) { defer wg.Done(); c.add(n) }(i)
	}
	wg.Wait()
	fmt.Println(c.get())
}

// Output:
//	190
