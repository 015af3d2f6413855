//go:build ignore

package main

import (
	"fmt"
)

type K int
type N string
type F float64

func main() {
	fmt.Printf("%5d|%-5d|%05d|%x|%X|%o|%b|%c|%q|%U\n", 42, 42, 42, 255, 255, 8, 5, 65, 65, 0x1F600)
	fmt.Printf("%8.3f|%-8.2f|%e|%g|%t|%10s|%-10s|%q|%x|%v|%%\n", 3.14159, 2.5, 1234.5, 1e21, true, "hi", "hi", "q\"", "hex", nil)
	fmt.Printf("%*d|%[2]d %[1]d|%d\n", 5, 42, 7)
	fmt.Printf("%d %s\n", K(7), N("n"))
	fmt.Printf("%6.2f|%v|%+d\n", F(2.5), F(1), K(3))
}

// Output:
//	   42|42   |00042|ff|FF|10|101|A|'A'|U+1F600
//	   3.142|2.50    |1.234500e+03|1e+21|true|        hi|hi        |"q\""|686578|<nil>|%
//	   42|42 5|42
//	7 n
//	  2.50|1|+3
