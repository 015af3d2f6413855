//go:build ignore

package main

import (
	"container/heap"
	"fmt"
)

type item struct {
	s string
	p int
}
type H []item

func (h H) Len() int           { return len(h) }
func (h H) Less(i, j int) bool { return h[i].p < h[j].p }
func (h H) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *H) Push(x any)        { *h = append(*h, x.(item)) }
func (h *H) Pop() any          { o := *h; n := len(o); x := o[n-1]; *h = o[:n-1]; return x }
func main() {
	h := &H{{"c", 3}, {"a", 1}}
	heap.Init(h)
	heap.Push(h, item{"b", 2})
	for h.Len() > 0 {
		it := heap.Pop(h).(item)
		fmt.Print(it.s, it.p, " ")
	}
	fmt.Println()
}

// Output:
//	a1 b2 c3
