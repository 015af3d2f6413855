//go:build ignore

package main

import (
	"fmt"
)

type Set map[string]struct{}

func (s Set) Add(k string)      { s[k] = struct{}{} }
func (s Set) Has(k string) bool { _, ok := s[k]; return ok }
func main() {
	s := Set{}
	s.Add("a")
	s.Add("b")
	s.Add("a")
	fmt.Println(len(s), s.Has("a"), s.Has("z"))
}

// Output:
//	2 true false
