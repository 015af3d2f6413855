//go:build ignore

package main

import (
	"bytes"
	"fmt"
	"time"
)

type lener interface{ Len() int }
type mine struct{ n int }

func (m mine) Len() int { return m.n }
func main() {
	ls := []lener{&bytes.Buffer{}, mine{3}}
	ls[0].(*bytes.Buffer).WriteString("ab")
	for _, l := range ls {
		fmt.Println(l.Len())
	}
	var st fmt.Stringer = time.Duration(1500) * time.Millisecond
	fmt.Println(st.String(), st)
}

// Output:
//	2
//	3
//	1.5s 1.5s
