//go:build ignore

package main

import (
	"fmt"
)

type S struct {
	n    int
	name string
}
type Option func(*S)

func WithN(n int) Option       { return func(s *S) { s.n = n } }
func WithName(v string) Option { return func(s *S) { s.name = v } }
func New(opts ...Option) *S {
	s := &S{}
	for _, o := range opts {
		o(s)
	}
	return s
}
func main() {
	s := New(WithN(3), WithName("x"))
	fmt.Printf("%+v\n", *s)
}

// Output:
//	{n:3 name:x}
