//go:build ignore

package main

import (
	"encoding/json"
	"fmt"
)

type In struct {
	X int `json:"x"`
}
type T struct {
	Name   string `json:"name"`
	Tags   []string
	In     *In           `json:"in"`
	M      map[string]In `json:"m"`
	secret int
}

func main() {
	var t T
	err := json.Unmarshal([]byte(`{"name":"n","Tags":["a","b"],"in":{"x":5},"m":{"k":{"x":1}},"extra":1}`), &t)
	fmt.Println(t.Name, t.Tags, t.In.X, t.M, err)
	var list []In
	fmt.Println(json.Unmarshal([]byte(`[{"x":1},{"x":2}]`), &list), list)
	var a any
	_ = json.Unmarshal([]byte(`{"k":[1,"s",null,true]}`), &a)
	fmt.Println(a)
	fmt.Println(json.Unmarshal([]byte(`{"name":3}`), &t) != nil)
}

// Output:
//	n [a b] 5 map[k:{1}] <nil>
//	<nil> [{1} {2}]
//	map[k:[1 s <nil> true]]
//	true
