//go:build ignore

package main

import (
	"fmt"
	"sort"
	"time"

	"github.com/govidur/govidur/kernel/nb"
)

type point struct{ X, Y float64 }

type hidden struct {
	Name string
	size int
	Rate float64
}

type inner struct {
	A int
	B string
}

type nested struct {
	ID    int
	In    inner
	Ptr   *inner
	List  []inner
	Named celsius
	Any   any
}

type celsius float64

func (c celsius) String() string { return fmt.Sprintf("%.1f °C", float64(c)) }

type card struct{ Title string }

func (c card) HTML() string { return "<b>" + c.Title + "</b>" }

type pointerCard struct{ Title string }

func (c *pointerCard) HTML() string { return "<i>" + c.Title + "</i>" }

type note string

func (n note) Markdown() string { return "*" + string(n) + "*" }

type rich struct{ N int }

func (r rich) MimeBundle() map[string]any {
	return map[string]any{"text/plain": fmt.Sprint("rich ", r.N), "application/x-rich": r.N}
}

type failure struct{ Code int }

func (f failure) Error() string { return fmt.Sprint("failure ", f.Code) }

type ids []int
type prices map[string]float64
type grid [2][2]int
type level int
type row struct {
	point
	Label string
}
type tree struct {
	Value    int
	Children []*tree
}

func show(name string, v any) {
	b := nb.MIME(v)
	var kinds []string
	for k := range b {
		kinds = append(kinds, k)
	}
	sort.Strings(kinds)
	fmt.Println("==", name)
	for _, k := range kinds {
		fmt.Printf("%s: %s\n", k, b[k])
	}
}

func main() {
	show("struct", point{1, 2.5})
	show("pointer", &point{3, 4})
	show("nil pointer", (*point)(nil))
	show("slice", []point{{1, 2}, {3, 4}})
	show("empty slice", []point{})
	show("nil slice", []point(nil))
	show("pointers", []*point{{1, 2}, {3, 4}})
	show("pointer to slice", &[]point{{5, 6}})
	show("array", [2]point{{1, 2}, {3, 4}})
	show("map", map[string]point{"b": {1, 2}, "a": {3, 4}})
	show("map of named", map[level]celsius{2: 20, 1: 10.5})
	show("map of slices", map[string][]inner{"x": {{1, "a"}}, "y": nil})
	show("hidden", []hidden{{"a", 1, 0.5}, {"b", 2, 1.5}})
	show("nested", nested{1, inner{2, "b"}, nil, []inner{{3, "c"}}, 4, inner{5, "e"}})
	show("nested slice", []nested{{ID: 1, Any: "text"}, {ID: 2, List: []inner{}, Any: celsius(3)}})
	show("stringer", celsius(21.55))
	show("stringers", []celsius{1, 2.25})
	show("html", card{"t"})
	show("htmls", []card{{"t"}, {"u"}})
	show("pointer html", &pointerCard{"p"})
	show("value of pointer html", pointerCard{"v"})
	show("markdown", note("n"))
	show("bundle", rich{7})
	show("levels", []struct {
		L level
		C celsius
	}{{1, 2}})
	show("error", failure{2})
	show("ids", ids{3, 1, 2})
	show("prices", prices{"b": 2, "a": 1.25})
	show("grid", grid{{1, 2}, {3, 4}})
	show("level", level(3))
	show("embedded", []row{{point{1, 2}, "l"}})
	show("anonymous", []struct {
		N int
		T string
	}{{1, "x"}})
	show("any", []any{1, point{1, 2}, celsius(2), nil})
	show("maps", []map[string]any{{"a": 1, "b": point{1, 2}}, {"a": celsius(3)}})
	show("matrix", [][]float64{{1, 2}, {3, 4}})
	show("tree", &tree{1, nil})
	show("durations", []time.Duration{time.Second, time.Minute})
	show("generic", pair[string, point]{"k", point{1, 2}})
	show("generics", []pair[level, celsius]{{1, 2}})
}

type pair[K comparable, V any] struct {
	Key   K
	Value V
}

// Output:
//	== struct
//	text/plain: {X:1 Y:2.5}
//	== pointer
//	text/plain: &{X:3 Y:4}
//	== nil pointer
//	text/plain: <nil>
//	== slice
//	text/html: <table cellpadding="4">
//	<thead>
//	<tr><th align="right">X</th><th align="right">Y</th></tr>
//	</thead>
//	<tbody>
//	<tr><td align="right">1</td><td align="right">2</td></tr>
//	<tr><td align="right">3</td><td align="right">4</td></tr>
//	</tbody>
//	</table>
//	<p>2 rows × 2 columns</p>
//
//	text/markdown: | X | Y |
//	| --: | --: |
//	| 1 | 2 |
//	| 3 | 4 |
//
//	2 rows × 2 columns
//
//	text/plain: X  Y
//	1  2
//	3  4
//	2 rows × 2 columns
//
//	== empty slice
//	text/plain: []
//	== nil slice
//	text/plain: []
//	== pointers
//	text/html: <table cellpadding="4">
//	<thead>
//	<tr><th align="right">X</th><th align="right">Y</th></tr>
//	</thead>
//	<tbody>
//	<tr><td align="right">1</td><td align="right">2</td></tr>
//	<tr><td align="right">3</td><td align="right">4</td></tr>
//	</tbody>
//	</table>
//	<p>2 rows × 2 columns</p>
//
//	text/markdown: | X | Y |
//	| --: | --: |
//	| 1 | 2 |
//	| 3 | 4 |
//
//	2 rows × 2 columns
//
//	text/plain: X  Y
//	1  2
//	3  4
//	2 rows × 2 columns
//
//	== pointer to slice
//	text/plain: &[{X:5 Y:6}]
//	== array
//	text/html: <table cellpadding="4">
//	<thead>
//	<tr><th align="right">X</th><th align="right">Y</th></tr>
//	</thead>
//	<tbody>
//	<tr><td align="right">1</td><td align="right">2</td></tr>
//	<tr><td align="right">3</td><td align="right">4</td></tr>
//	</tbody>
//	</table>
//	<p>2 rows × 2 columns</p>
//
//	text/markdown: | X | Y |
//	| --: | --: |
//	| 1 | 2 |
//	| 3 | 4 |
//
//	2 rows × 2 columns
//
//	text/plain: X  Y
//	1  2
//	3  4
//	2 rows × 2 columns
//
//	== map
//	text/html: <table cellpadding="4">
//	<thead>
//	<tr><th style="text-align:left">key</th><th align="right">X</th><th align="right">Y</th></tr>
//	</thead>
//	<tbody>
//	<tr><td style="text-align:left">a</td><td align="right">3</td><td align="right">4</td></tr>
//	<tr><td style="text-align:left">b</td><td align="right">1</td><td align="right">2</td></tr>
//	</tbody>
//	</table>
//	<p>2 rows × 3 columns</p>
//
//	text/markdown: | key | X | Y |
//	| :-- | --: | --: |
//	| a | 3 | 4 |
//	| b | 1 | 2 |
//
//	2 rows × 3 columns
//
//	text/plain: key  X  Y
//	a    3  4
//	b    1  2
//	2 rows × 3 columns
//
//	== map of named
//	text/html: <table cellpadding="4">
//	<thead>
//	<tr><th align="right">key</th><th style="text-align:left">value</th></tr>
//	</thead>
//	<tbody>
//	<tr><td align="right">1</td><td style="text-align:left">10.5 °C</td></tr>
//	<tr><td align="right">2</td><td style="text-align:left">20.0 °C</td></tr>
//	</tbody>
//	</table>
//	<p>2 rows × 2 columns</p>
//
//	text/markdown: | key | value |
//	| --: | :-- |
//	| 1 | 10.5 °C |
//	| 2 | 20.0 °C |
//
//	2 rows × 2 columns
//
//	text/plain: key  value
//	  1  10.5 °C
//	  2  20.0 °C
//	2 rows × 2 columns
//
//	== map of slices
//	text/html: <table cellpadding="4">
//	<thead>
//	<tr><th style="text-align:left">key</th><th style="text-align:left">value</th></tr>
//	</thead>
//	<tbody>
//	<tr><td style="text-align:left">x</td><td style="text-align:left">[{A:1 B:a}]</td></tr>
//	<tr><td style="text-align:left">y</td><td style="text-align:left">[]</td></tr>
//	</tbody>
//	</table>
//	<p>2 rows × 2 columns</p>
//
//	text/markdown: | key | value |
//	| :-- | :-- |
//	| x | \[{A:1 B:a}\] |
//	| y | \[\] |
//
//	2 rows × 2 columns
//
//	text/plain: key  value
//	x    [{A:1 B:a}]
//	y    []
//	2 rows × 2 columns
//
//	== hidden
//	text/html: <table cellpadding="4">
//	<thead>
//	<tr><th style="text-align:left">Name</th><th align="right">Rate</th></tr>
//	</thead>
//	<tbody>
//	<tr><td style="text-align:left">a</td><td align="right">0.5</td></tr>
//	<tr><td style="text-align:left">b</td><td align="right">1.5</td></tr>
//	</tbody>
//	</table>
//	<p>2 rows × 2 columns</p>
//
//	text/markdown: | Name | Rate |
//	| :-- | --: |
//	| a | 0.5 |
//	| b | 1.5 |
//
//	2 rows × 2 columns
//
//	text/plain: Name  Rate
//	a      0.5
//	b      1.5
//	2 rows × 2 columns
//
//	== nested
//	text/plain: {ID:1 In:{A:2 B:b} Ptr:<nil> List:[{A:3 B:c}] Named:4.0 °C Any:{A:5 B:e}}
//	== nested slice
//	text/html: <table cellpadding="4">
//	<thead>
//	<tr><th align="right">ID</th><th style="text-align:left">In</th><th style="text-align:left">Ptr</th><th style="text-align:left">List</th><th style="text-align:left">Named</th><th style="text-align:left">Any</th></tr>
//	</thead>
//	<tbody>
//	<tr><td align="right">1</td><td style="text-align:left">{A:0 B:}</td><td style="text-align:left">&lt;nil&gt;</td><td style="text-align:left">[]</td><td style="text-align:left">0.0 °C</td><td style="text-align:left">text</td></tr>
//	<tr><td align="right">2</td><td style="text-align:left">{A:0 B:}</td><td style="text-align:left">&lt;nil&gt;</td><td style="text-align:left">[]</td><td style="text-align:left">0.0 °C</td><td style="text-align:left">3.0 °C</td></tr>
//	</tbody>
//	</table>
//	<p>2 rows × 6 columns</p>
//
//	text/markdown: | ID | In | Ptr | List | Named | Any |
//	| --: | :-- | :-- | :-- | :-- | :-- |
//	| 1 | {A:0 B:} | \<nil\> | \[\] | 0.0 °C | text |
//	| 2 | {A:0 B:} | \<nil\> | \[\] | 0.0 °C | 3.0 °C |
//
//	2 rows × 6 columns
//
//	text/plain: ID  In        Ptr    List  Named   Any
//	 1  {A:0 B:}  <nil>  []    0.0 °C  text
//	 2  {A:0 B:}  <nil>  []    0.0 °C  3.0 °C
//	2 rows × 6 columns
//
//	== stringer
//	text/plain: 21.6 °C
//	== stringers
//	text/plain: [1.0 °C 2.2 °C]
//	== html
//	text/html: <b>t</b>
//	text/plain: {Title:t}
//	== htmls
//	text/html: <table cellpadding="4">
//	<thead>
//	<tr><th style="text-align:left">Title</th></tr>
//	</thead>
//	<tbody>
//	<tr><td style="text-align:left">t</td></tr>
//	<tr><td style="text-align:left">u</td></tr>
//	</tbody>
//	</table>
//	<p>2 rows × 1 column</p>
//
//	text/markdown: | Title |
//	| :-- |
//	| t |
//	| u |
//
//	2 rows × 1 column
//
//	text/plain: Title
//	t
//	u
//	2 rows × 1 column
//
//	== pointer html
//	text/html: <i>p</i>
//	text/plain: &{Title:p}
//	== value of pointer html
//	text/plain: {Title:v}
//	== markdown
//	text/markdown: *n*
//	text/plain: *n*
//	== bundle
//	application/x-rich: 7
//	text/plain: rich 7
//	== levels
//	text/html: <table cellpadding="4">
//	<thead>
//	<tr><th align="right">L</th><th style="text-align:left">C</th></tr>
//	</thead>
//	<tbody>
//	<tr><td align="right">1</td><td style="text-align:left">2.0 °C</td></tr>
//	</tbody>
//	</table>
//	<p>1 row × 2 columns</p>
//
//	text/markdown: | L | C |
//	| --: | :-- |
//	| 1 | 2.0 °C |
//
//	1 row × 2 columns
//
//	text/plain: L  C
//	1  2.0 °C
//	1 row × 2 columns
//
//	== error
//	text/plain: failure 2
//	== ids
//	text/plain: [3 1 2]
//	== prices
//	text/html: <table cellpadding="4">
//	<thead>
//	<tr><th style="text-align:left">key</th><th align="right">value</th></tr>
//	</thead>
//	<tbody>
//	<tr><td style="text-align:left">a</td><td align="right">1.25</td></tr>
//	<tr><td style="text-align:left">b</td><td align="right">2</td></tr>
//	</tbody>
//	</table>
//	<p>2 rows × 2 columns</p>
//
//	text/markdown: | key | value |
//	| :-- | --: |
//	| a | 1.25 |
//	| b | 2 |
//
//	2 rows × 2 columns
//
//	text/plain: key  value
//	a     1.25
//	b        2
//	2 rows × 2 columns
//
//	== grid
//	text/html: <table cellpadding="4">
//	<thead>
//	<tr><th align="right">0</th><th align="right">1</th></tr>
//	</thead>
//	<tbody>
//	<tr><td align="right">1</td><td align="right">2</td></tr>
//	<tr><td align="right">3</td><td align="right">4</td></tr>
//	</tbody>
//	</table>
//	<p>2 rows × 2 columns</p>
//
//	text/markdown: | 0 | 1 |
//	| --: | --: |
//	| 1 | 2 |
//	| 3 | 4 |
//
//	2 rows × 2 columns
//
//	text/plain: 0  1
//	1  2
//	3  4
//	2 rows × 2 columns
//
//	== level
//	text/plain: 3
//	== embedded
//	text/html: <table cellpadding="4">
//	<thead>
//	<tr><th style="text-align:left">Label</th></tr>
//	</thead>
//	<tbody>
//	<tr><td style="text-align:left">l</td></tr>
//	</tbody>
//	</table>
//	<p>1 row × 1 column</p>
//
//	text/markdown: | Label |
//	| :-- |
//	| l |
//
//	1 row × 1 column
//
//	text/plain: Label
//	l
//	1 row × 1 column
//
//	== anonymous
//	text/html: <table cellpadding="4">
//	<thead>
//	<tr><th align="right">N</th><th style="text-align:left">T</th></tr>
//	</thead>
//	<tbody>
//	<tr><td align="right">1</td><td style="text-align:left">x</td></tr>
//	</tbody>
//	</table>
//	<p>1 row × 2 columns</p>
//
//	text/markdown: | N | T |
//	| --: | :-- |
//	| 1 | x |
//
//	1 row × 2 columns
//
//	text/plain: N  T
//	1  x
//	1 row × 2 columns
//
//	== any
//	text/plain: [1 {X:1 Y:2} 2.0 °C <nil>]
//	== maps
//	text/html: <table cellpadding="4">
//	<thead>
//	<tr><th style="text-align:left">a</th><th style="text-align:left">b</th></tr>
//	</thead>
//	<tbody>
//	<tr><td style="text-align:left">1</td><td style="text-align:left">{X:1 Y:2}</td></tr>
//	<tr><td style="text-align:left">3.0 °C</td><td style="text-align:left"></td></tr>
//	</tbody>
//	</table>
//	<p>2 rows × 2 columns</p>
//
//	text/markdown: | a | b |
//	| :-- | :-- |
//	| 1 | {X:1 Y:2} |
//	| 3.0 °C |  |
//
//	2 rows × 2 columns
//
//	text/plain: a       b
//	1       {X:1 Y:2}
//	3.0 °C
//	2 rows × 2 columns
//
//	== matrix
//	text/html: <table cellpadding="4">
//	<thead>
//	<tr><th align="right">0</th><th align="right">1</th></tr>
//	</thead>
//	<tbody>
//	<tr><td align="right">1</td><td align="right">2</td></tr>
//	<tr><td align="right">3</td><td align="right">4</td></tr>
//	</tbody>
//	</table>
//	<p>2 rows × 2 columns</p>
//
//	text/markdown: | 0 | 1 |
//	| --: | --: |
//	| 1 | 2 |
//	| 3 | 4 |
//
//	2 rows × 2 columns
//
//	text/plain: 0  1
//	1  2
//	3  4
//	2 rows × 2 columns
//
//	== tree
//	text/plain: &{Value:1 Children:[]}
//	== durations
//	text/plain: [1s 1m0s]
//	== generic
//	text/plain: {Key:k Value:{X:1 Y:2}}
//	== generics
//	text/html: <table cellpadding="4">
//	<thead>
//	<tr><th align="right">Key</th><th style="text-align:left">Value</th></tr>
//	</thead>
//	<tbody>
//	<tr><td align="right">1</td><td style="text-align:left">2.0 °C</td></tr>
//	</tbody>
//	</table>
//	<p>1 row × 2 columns</p>
//
//	text/markdown: | Key | Value |
//	| --: | :-- |
//	| 1 | 2.0 °C |
//
//	1 row × 2 columns
//
//	text/plain: Key  Value
//	  1  2.0 °C
//	1 row × 2 columns
