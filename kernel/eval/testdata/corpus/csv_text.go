//go:build ignore

package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
)

func main() {
	r := csv.NewReader(strings.NewReader("a,b\n1,2\n"))
	rows, err := r.ReadAll()
	fmt.Println(rows, err)
	w := csv.NewWriter(os.Stdout)
	_ = w.Write([]string{"x", "y,z"})
	w.Flush()
	tw := tabwriter.NewWriter(os.Stdout, 0, 8, 1, 32, 0)
	fmt.Fprintln(tw, "a\tb")
	fmt.Fprintln(tw, "ccc\td")
	tw.Flush()
}

// Output:
//	[[a b] [1 2]] <nil>
//	x,"y,z"
//	a   b
//	ccc d
