//go:build ignore

package main

import (
	"fmt"
	"sync"
)

func main() {
	var wg sync.WaitGroup
	var mu sync.Mutex
	m := map[int]int{}
	for i := 0; i < 4; i++ {
		wg.Add(1)
		go func() { defer wg.Done(); mu.Lock(); m[i]++; mu.Unlock() }()
	}
	wg.Wait()
	fmt.Println(m)
}

// Output:
//	map[0:1 1:1 2:1 3:1]
