//go:build ignore

package main

import (
	"encoding/json"
	"fmt"
)

type base struct {
	ID   int    `json:"id"`
	Name string `json:"name,omitempty"`
}

type Shown struct{ Level int }

type Both struct {
	base
	*Shown
	Rate float64 `json:"rate"`
}

type List []int

func (l List) MarshalJSON() ([]byte, error) { return []byte(fmt.Sprintf(`"%d items"`, len(l))), nil }

type Temp float64

func (t Temp) MarshalText() ([]byte, error) { return []byte(fmt.Sprintf("%.1fC", float64(t))), nil }
func (t *Temp) UnmarshalText(b []byte) error {
	_, err := fmt.Sscanf(string(b), "%gC", (*float64)(t))
	return err
}

type Nested struct {
	L  List
	T  Temp
	P  *Temp
	M  map[string]List
	In []Both
}

type tagged struct {
	base `json:"b"`
}

type node struct {
	V    int
	Next *node   `json:",omitempty"`
	Kids []*node `json:",omitempty"`
}

func main() {
	show := func(v any) {
		b, err := json.Marshal(v)
		fmt.Println(string(b), err)
	}
	show(Both{base{1, "a"}, &Shown{2}, 0.5})
	show(Both{Rate: 1})
	show(tagged{base{1, ""}})
	t := Temp(3)
	show(Nested{List{1, 2}, 4, &t, map[string]List{"x": nil}, []Both{{}}})
	show(node{1, &node{2, nil, nil}, []*node{{3, nil, nil}}})
	var b struct {
		base
		Rate float64
	}
	fmt.Println(json.Unmarshal([]byte(`{"id":3,"name":"q","rate":2}`), &b), b.ID, b.Name, b.Rate)
	var n node
	fmt.Println(json.Unmarshal([]byte(`{"V":1,"Next":{"V":2}}`), &n), n.V, n.Next.V)
	var x struct{ T Temp }
	fmt.Println(json.Unmarshal([]byte(`{"T":"4.5C"}`), &x), x.T)
}

// Output:
//	{"id":1,"name":"a","Level":2,"rate":0.5} <nil>
//	{"id":0,"rate":1} <nil>
//	{"b":{"id":1}} <nil>
//	{"L":"2 items","T":"4.0C","P":"3.0C","M":{"x":"0 items"},"In":[{"id":0,"rate":0}]} <nil>
//	{"V":1,"Next":{"V":2},"Kids":[{"V":3}]} <nil>
//	<nil> 3 q 2
//	<nil> 1 2
//	<nil> 4.5
