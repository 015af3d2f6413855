//go:build ignore

package main

import (
	"bufio"
	"fmt"
	"strings"
)

func main() {
	sc := bufio.NewScanner(strings.NewReader("one two\nthree"))
	sc.Split(bufio.ScanWords)
	n := 0
	for sc.Scan() {
		n++
		fmt.Print(sc.Text(), ";")
	}
	fmt.Println(n, sc.Err())
}

// Output:
//	one;two;three;3 <nil>
