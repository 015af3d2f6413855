//go:build ignore

package main

import (
	"container/list"
	"fmt"
)

type LRU[K comparable, V any] struct {
	cap int
	l   *list.List
	m   map[K]*list.Element
}
type entry[K comparable, V any] struct {
	k K
	v V
}

func NewLRU[K comparable, V any](n int) *LRU[K, V] {
	return &LRU[K, V]{n, list.New(), map[K]*list.Element{}}
}
func (c *LRU[K, V]) Get(k K) (v V, ok bool) {
	e, ok := c.m[k]
	if !ok {
		return v, false
	}
	c.l.MoveToFront(e)
	return e.Value.(entry[K, V]).v, true
}
func (c *LRU[K, V]) Put(k K, v V) {
	if e, ok := c.m[k]; ok {
		e.Value = entry[K, V]{k, v}
		c.l.MoveToFront(e)
		return
	}
	if c.l.Len() == c.cap {
		b := c.l.Back()
		delete(c.m, b.Value.(entry[K, V]).k)
		c.l.Remove(b)
	}
	c.m[k] = c.l.PushFront(entry[K, V]{k, v})
}
func (c *LRU[K, V]) Len() int { return c.l.Len() }
func main() {
	c := NewLRU[string, int](2)
	c.Put("a", 1)
	c.Put("b", 2)
	c.Get("a")
	c.Put("c", 3)
	_, okB := c.Get("b")
	v, okA := c.Get("a")
	fmt.Println(okB, v, okA, c.Len())
}

// Output:
//	false 1 true 2
