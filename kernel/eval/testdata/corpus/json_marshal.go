//go:build ignore

package main

import (
	"encoding/json"
	"fmt"
)

type In struct {
	On bool `json:"on"`
}
type T struct {
	A      int `json:"a"`
	hidden string
	F      float64 `json:"f,omitempty"`
	L      []In
	P      *In `json:"p,omitempty"`
	M      map[string]int
}

func main() {
	b, err := json.Marshal(T{1, "x", 2.5, []In{{true}}, nil, map[string]int{"b": 1, "a": 2}})
	fmt.Println(string(b), err)
	b, _ = json.MarshalIndent(In{true}, "", "  ")
	fmt.Println(string(b))
	b, _ = json.Marshal([]any{In{false}, 1, "s", map[string]any{"in": &In{true}}})
	fmt.Println(string(b))
}

// Output:
//	{"a":1,"f":2.5,"L":[{"on":true}],"M":{"a":2,"b":1}} <nil>
//	{
//	  "on": true
//	}
//	[{"on":false},1,"s",{"in":{"on":true}}]
