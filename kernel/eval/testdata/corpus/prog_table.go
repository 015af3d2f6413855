//go:build ignore

package main

import (
	"fmt"
)

type Row struct {
	Name  string
	Value float64
	n     int
}

func (r Row) String() string { return fmt.Sprintf("%-5s %8.2f %5d", r.Name, r.Value, r.n) }
func main() {
	rows := []Row{{"a", 1.5, 3}, {"bb", 22.25, 1}}
	fmt.Printf("%-5s %8s %5s\n", "name", "value", "n")
	for _, r := range rows {
		fmt.Println(r)
	}
	fmt.Printf("%+v\n", rows)
}

// Output:
//	name     value     n
//	a         1.50     3
//	bb       22.25     1
//	[a         1.50     3 bb       22.25     1]
