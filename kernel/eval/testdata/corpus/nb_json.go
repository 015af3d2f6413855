//go:build ignore

package main

import (
	"fmt"
	"math"

	"github.com/govidur/govidur/kernel/nb"
)

type point struct {
	Name string   `json:"name"`
	X    float64  `json:"x"`
	List []sample `json:"list,omitempty"`
	none int
}

type sample struct{ A, B float64 }

func (s sample) String() string { return "a sample" }

func (s point) MimeBundle() map[string]any {
	return map[string]any{"application/json": s, "application/vnd.x+json": []any{s.X, &s, s.List, map[string]sample{"m": {1, s.X}}}}
}

func main() {
	for _, s := range []point{
		{Name: "a", X: 1, List: []sample{{1, 2}}},
		{Name: "b", X: math.NaN(), List: []sample{{1, math.Inf(1)}, {2, 3}}},
	} {
		b := nb.MIME(s)
		fmt.Printf("%s\n%s\n", b["application/json"], b["application/vnd.x+json"])
	}
}

// Output:
//	{"name":"a","x":1,"list":[{"A":1,"B":2}]}
//	[1,{"name":"a","x":1,"list":[{"A":1,"B":2}]},[{"A":1,"B":2}],{"m":{"A":1,"B":1}}]
//	{"list":[{"A":1,"B":null},{"A":2,"B":3}],"name":"b","x":null}
//	[null,{"list":[{"A":1,"B":null},{"A":2,"B":3}],"name":"b","x":null},[{"A":1,"B":null},{"A":2,"B":3}],{"m":{"A":1,"B":null}}]
