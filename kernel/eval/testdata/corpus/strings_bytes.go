//go:build ignore

package main

import (
	"fmt"
	"strings"
)

func main() {
	s := "héllo, 世界"
	fmt.Println(len(s), s[1], s[0:1], strings.ToUpper(s), strings.Fields(" a b "), strings.Split("a,b", ","), s > "h", s[len(s)-3:])
	b := []byte("abc")
	b[0] = 'X'
	b = append(b, "def"...)
	n := copy(b[1:], "ZZ")
	fmt.Println(string(b), n)
	var sb strings.Builder
	for i := range 3 {
		fmt.Fprintf(&sb, "%d-", i)
	}
	fmt.Println(sb.String(), strings.Map(func(r rune) rune { return r + 1 }, "abc"))
}

// Output:
//	14 195 h HÉLLO, 世界 [a b] [a b] true 界
//	XZZdef 2
//	0-1-2- bcd
