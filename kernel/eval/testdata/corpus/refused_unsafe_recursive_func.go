//go:build ignore

package main

import (
	"fmt"
)

type F func() F

func start() F { fmt.Println("start"); return end }
func end() F   { fmt.Println("end"); return nil }
func main() {
	var f F = start
	for f != nil {
		f = f()
	}
}

// Output:
//	start
//	end
