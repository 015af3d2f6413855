//go:build ignore

package main

import (
	"fmt"
	"sort"
	"strings"
)

func main() {
	text := "the cat the dog a cat the end"
	c := map[string]int{}
	for _, w := range strings.Fields(text) {
		c[w]++
	}
	type kv struct {
		k string
		v int
	}
	var l []kv
	for k, v := range c {
		l = append(l, kv{k, v})
	}
	sort.Slice(l, func(i, j int) bool { return l[i].v > l[j].v || l[i].v == l[j].v && l[i].k < l[j].k })
	for _, e := range l {
		fmt.Print(e.k, "=", e.v, " ")
	}
	fmt.Println()
}

// Output:
//	the=3 cat=2 a=1 dog=1 end=1
