//go:build ignore

package main

import (
	"encoding/json"
	"fmt"
)

type L int

func (l L) MarshalJSON() ([]byte, error) {
	return []byte(fmt.Sprintf("%q", []string{"lo", "hi"}[l])), nil
}
func main() {
	b, err := json.Marshal(L(1))
	fmt.Println(string(b), err)
	b, err = json.Marshal(map[string]any{"l": L(0)})
	fmt.Println(string(b), err)
}

// Output:
//	"hi" <nil>
//	{"l":"lo"} <nil>
