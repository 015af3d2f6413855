//go:build ignore

package main

import (
	"fmt"
)

func main() {
	for i := 0; ; i++ {
		switch {
		case i == 2:
			continue
		case i > 4:
			goto done
		}
		fmt.Print(i, " ")
	}
done:
	fmt.Println("done")
}

// Output:
//	0 1 3 4 done
