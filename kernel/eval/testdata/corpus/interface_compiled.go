//go:build ignore

package main

import (
	"fmt"
	"io"
	"strings"
)

type up struct{ s string }

func (u *up) Write(b []byte) (int, error) { u.s += strings.ToUpper(string(b)); return len(b), nil }
func (u *up) String() string              { return "<" + u.s + ">" }
func main() {
	var w io.Writer = &up{}
	fmt.Fprintf(w, "hello %d", 5)
	fmt.Println(w.(*up).s)
	var s fmt.Stringer = w.(fmt.Stringer)
	fmt.Println(s)
}

// Output:
//	HELLO 5
//	<HELLO 5>
