//go:build ignore

package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

func main() {
	var n atomic.Int64
	var once sync.Once
	var wg sync.WaitGroup
	for range 10 {
		wg.Add(1)
		go func() { defer wg.Done(); n.Add(2); once.Do(func() { fmt.Println("once") }) }()
	}
	wg.Wait()
	fmt.Println(n.Load())
}

// Output:
//	once
//	20
