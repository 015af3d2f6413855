//go:build ignore

package main

import (
	"fmt"
	"sync"
)

func main() {
	v := sync.OnceValue(func() int { fmt.Println("computed"); return 42 })
	fmt.Println(v(), v())
}

// Output:
//	computed
//	42 42
