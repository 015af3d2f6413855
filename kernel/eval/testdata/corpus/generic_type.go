//go:build ignore

package main

import (
	"fmt"
)

type Stack[T any] struct{ items []T }

func NewStack[T any](v ...T) *Stack[T] { return &Stack[T]{v} }
func (s *Stack[T]) Push(v T)           { s.items = append(s.items, v) }
func (s *Stack[T]) Pop() T             { n := len(s.items) - 1; v := s.items[n]; s.items = s.items[:n]; return v }
func (s Stack[T]) Len() int            { return len(s.items) }

type Pair[A, B any] struct {
	First  A
	Second B
}

func (p Pair[A, B]) Swap() Pair[B, A] { return Pair[B, A]{p.Second, p.First} }
func main() {
	s := NewStack(1, 2)
	s.Push(3)
	fmt.Println(s.Pop(), s.Len())
	t := Stack[string]{}
	t.Push("x")
	fmt.Println(t.Pop(), t.Len())
	p := Pair[string, int]{"a", 1}
	fmt.Printf("%v %+v %T\n", p, p.Swap(), p)
}

// Output:
//	3 2
//	x 0
//	{a 1} {First:1 Second:a} main.Pair[string,int]
