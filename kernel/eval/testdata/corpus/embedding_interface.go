//go:build ignore

package main

import (
	"fmt"
	"strings"
)

type Speaker interface {
	Say() string
	Len() int
}
type quiet struct{ s string }

func (q quiet) Say() string { return q.s }
func (q quiet) Len() int    { return len(q.s) }

type loud struct{ Speaker }

func (l loud) Say() string { return strings.ToUpper(l.Speaker.Say()) + fmt.Sprint(l.Len()) }
func main() {
	s := loud{quiet{"hi"}}
	fmt.Println(s.Say(), s.Speaker.Say())
	var sp Speaker = s
	fmt.Println(sp.Say())
}

// Output:
//	HI2 hi
//	HI2
