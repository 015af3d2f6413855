//go:build ignore

package main

import (
	"fmt"
)

func main() {
	pts := []struct{ x, y int }{{1, 2}, {3, 4}}
	for _, p := range pts {
		fmt.Print(p.x+p.y, " ")
	}
	cfg := struct {
		Name string
		Opt  struct{ On bool }
	}{Name: "n"}
	cfg.Opt.On = true
	fmt.Printf("%v %+v\n", cfg, cfg)
}

// Output:
//	3 7 {n {true}} {Name:n Opt:{On:true}}
