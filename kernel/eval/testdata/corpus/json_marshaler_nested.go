//go:build ignore

package main

import (
	"encoding/json"
	"fmt"
)

type L int

func (l L) MarshalText() ([]byte, error) { return []byte("L"), nil }

type T struct{ L L }

func main() {
	b, err := json.Marshal(T{1})
	fmt.Println(string(b), err)
}

// Output:
//	{"L":"L"} <nil>
