//go:build ignore

package main

import (
	"encoding/json"
	"fmt"
)

type K int
type S string

func main() {
	b, _ := json.Marshal(map[string]any{"k": K(3), "l": []K{1, 2}, "s": S("x")})
	fmt.Println(string(b))
}

// Output:
//	{"k":3,"l":[1,2],"s":"x"}
