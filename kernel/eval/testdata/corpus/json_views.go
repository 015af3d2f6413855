//go:build ignore

package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

type Color int

func (c Color) MarshalJSON() ([]byte, error) { return json.Marshal(fmt.Sprint("c", int(c))) }
func (c *Color) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	_, err := fmt.Sscanf(s, "c%d", (*int)(c))
	return err
}

type Level string

type A struct{ X, Y int }
type B struct {
	X int
	Z int `json:"zz"`
}
type C struct {
	A
	B
	Y string `json:"y,omitempty"`
}
type D struct {
	*A
	C Color
}
type E struct {
	Level
	Colors []Color
	Map    map[Level]Color
	When   time.Time
	For    time.Duration
	Skip   int `json:"-"`
	Dash   int `json:"-,"`
	Str    int `json:",string"`
	Zero   A   `json:",omitzero"`
	Arr    [2]Color
	PP     **Color
	Any    any
	I      fmt.Stringer
	B      []byte
	hidden int
}
type P struct{ N int }

func (p *P) MarshalJSON() ([]byte, error) { return []byte(fmt.Sprint(p.N * 2)), nil }

type Q struct{ P *P }
type Tree struct {
	Name string
	Kids map[string]*Tree `json:"kids,omitempty"`
	List []Tree           `json:",omitempty"`
}
type Ring struct {
	N    int
	Peer *Peer `json:",omitempty"`
}
type Peer struct {
	M    int
	Ring *Ring `json:",omitempty"`
}

func show(v any) {
	b, err := json.Marshal(v)
	fmt.Println(string(b), err)
}

func main() {
	show(C{A{1, 2}, B{3, 4}, ""})
	show(D{nil, 1})
	show(D{&A{1, 2}, 1})
	show([]D{{nil, 1}, {&A{3, 4}, 2}})
	c := Color(9)
	pc := &c
	show(E{Level: "l", Colors: []Color{1, 2}, Map: map[Level]Color{"b": 1, "a": 2}, When: time.Unix(0, 0).UTC(), For: 5, Str: 4, PP: &pc, Any: A{1, 2}, B: []byte("hi")})
	show([]Color{1, 2})
	show(map[string]Color{"x": 1})
	show(&c)
	show(Q{&P{4}})
	show(Q{})
	show([]*P{{1}, nil})
	show(Tree{"r", map[string]*Tree{"k": {Name: "q"}, "n": nil}, []Tree{{Name: "z"}}})
	show(Ring{1, &Peer{2, &Ring{3, nil}}})
	var col Color
	fmt.Println(json.Unmarshal([]byte(`"c5"`), &col), int(col))
	var cols []Color
	fmt.Println(json.Unmarshal([]byte(`["c5","c6"]`), &cols), len(cols), int(cols[1]))
	var e E
	err := json.Unmarshal([]byte(`{"Level":"q","Colors":["c1"],"Map":{"z":"c7"},"When":"2020-01-02T03:04:05Z","For":7,"Str":"12","Arr":["c1","c2"],"PP":"c3","Any":{"a":1},"B":"aGk="}`), &e)
	fmt.Println(err, e.Level, int(e.Colors[0]), int(e.Map["z"]), e.When, e.For, e.Str, int(e.Arr[1]), int(**e.PP), e.Any, string(e.B))
	var tr Tree
	err = json.NewDecoder(strings.NewReader(`{"Name":"a","kids":{"x":{"Name":"b","List":[{"Name":"c"}]}},"List":[{"Name":"d"}]}`)).Decode(&tr)
	fmt.Println(err, tr.Name, tr.Kids["x"].Name, tr.Kids["x"].List[0].Name, tr.List[0].Name)
	var d C
	fmt.Println(json.Unmarshal([]byte(`{"zz":4,"y":"s","X":9}`), &d), d)
	b, err := json.MarshalIndent(Tree{Name: "i"}, "", "  ")
	fmt.Println(string(b), err)
}

// Output:
//	{"Y":2,"zz":4} <nil>
//	{"C":"c1"} <nil>
//	{"X":1,"Y":2,"C":"c1"} <nil>
//	[{"C":"c1"},{"X":3,"Y":4,"C":"c2"}] <nil>
//	{"Level":"l","Colors":["c1","c2"],"Map":{"a":"c2","b":"c1"},"When":"1970-01-01T00:00:00Z","For":5,"-":0,"Str":"4","Arr":["c0","c0"],"PP":"c9","Any":{"X":1,"Y":2},"I":null,"B":"aGk="} <nil>
//	["c1","c2"] <nil>
//	{"x":"c1"} <nil>
//	"c9" <nil>
//	{"P":8} <nil>
//	{"P":null} <nil>
//	[2,null] <nil>
//	{"Name":"r","kids":{"k":{"Name":"q"},"n":null},"List":[{"Name":"z"}]} <nil>
//	{"N":1,"Peer":{"M":2,"Ring":{"N":3}}} <nil>
//	<nil> 5
//	<nil> 2 6
//	<nil> q 1 7 2020-01-02 03:04:05 +0000 UTC 7ns 12 2 3 map[a:1] hi
//	<nil> a b c d
//	<nil> {{0 0} {0 4} s}
//	{
//	  "Name": "i"
//	} <nil>
