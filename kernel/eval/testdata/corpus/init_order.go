//go:build ignore

package main

import (
	"fmt"
)

var a = b + 1
var b = f()
var c, d = pair()
var seen []string

func f() int              { seen = append(seen, "f"); return 10 }
func pair() (int, string) { return a * 2, fmt.Sprint(seen) }
func init()               { d += "!" }
func init()               { d += "?" }
func main() {
	fmt.Println(a, b, c, d)
}

// Output:
//	11 10 22 [f]!?
