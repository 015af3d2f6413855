//go:build ignore

package main

import (
	"encoding/json"
	"fmt"
)

type In struct{ X int }
type O struct {
	In
	Y int
}

func main() {
	b, _ := json.Marshal(O{In{1}, 2})
	fmt.Println(string(b))
}

// Output:
//	{"X":1,"Y":2}
