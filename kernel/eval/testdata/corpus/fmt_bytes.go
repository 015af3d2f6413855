//go:build ignore

package main

import (
	"fmt"
)

type B []byte

func main() {
	fmt.Println([]byte("ab"), [2]byte{1, 2}, B("xy"))
	fmt.Printf("%s %x %q %v %s\n", []byte("ab"), []byte("ab"), []byte("ab"), B("xy"), B("xy"))
}

// Output:
//	[97 98] [1 2] [120 121]
//	ab 6162 "ab" [120 121] xy
