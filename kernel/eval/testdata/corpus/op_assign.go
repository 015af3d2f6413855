//go:build ignore

package main

import (
	"fmt"
)

func main() {
	n := 10
	n += 5
	n -= 3
	n *= 2
	n /= 5
	n %= 3
	n <<= 4
	n |= 3
	n &= 18
	n ^= 7
	n &^= 4
	fmt.Println(n)
	s := "a"
	s += "b"
	m := map[string][]int{}
	m["k"] = append(m["k"], 1, 2)
	c := map[rune]int{}
	for _, r := range "abca" {
		c[r]++
	}
	fmt.Println(s, m, c)
	f := 1.5
	f *= 2
	f++
	fmt.Println(f)
}

// Output:
//	17
//	ab map[k:[1 2]] map[97:2 98:1 99:1]
//	4
