//go:build ignore

package main

import (
	"fmt"
)

func main() {
	a := complex(1, 2)
	b := 3 - 1i
	fmt.Println(a*b, a+b, a/b, real(a), imag(b), a == complex(1, 2), -a)
	var c complex64 = 2i
	fmt.Printf("%v %T %.1f\n", c*c, c, a)
}

// Output:
//	(5+5i) (4+1i) (0.1+0.7000000000000001i) 1 -1 true (-1-2i)
//	(-4+0i) complex64 (1.0+2.0i)
