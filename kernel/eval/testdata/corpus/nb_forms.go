//go:build ignore

package main

import (
	"errors"
	"fmt"
	"math"
	"sort"

	"github.com/govidur/govidur/kernel/nb"
)

type inner struct{ A int }

type outer struct {
	P    *inner
	L    []*inner
	M    map[string]*inner
	Any  any
	h    *inner
	list []inner
	f    func()
	C    chan int
}

type ring struct {
	Next *ring
	V    int
}

type level int
type names map[level]string
type speaking struct{ N int }

func (s *speaking) String() string { return fmt.Sprint("speaking ", s.N) }

type holder struct {
	S *speaking
	V speaking
	s *speaking
}

type fail struct{ Code int }

func (f fail) Error() string { return fmt.Sprint("fail ", f.Code) }

type several struct{ list []error }

func (s several) Error() string   { return "several" }
func (s several) Unwrap() []error { return s.list }

type around struct{ err error }

func (a *around) Error() string { return "around" }
func (a *around) Unwrap() error { return a.err }

type panics struct{ X int }

func (p panics) String() string { panic("no text") }
func (p panics) HTML() string   { panic(fmt.Errorf("no page %d", p.X)) }

type garbage struct{ X int }

func (garbage) PNG() []byte  { return []byte("none") }
func (garbage) SVG() string  { return "none" }
func (garbage) JSON() []byte { return []byte("{") }

type all struct{ X int }

func (a all) JSON() []byte               { return []byte(fmt.Sprintf(`{"x": %d}`, a.X)) }
func (a all) LaTeX() string              { return "$x$" }
func (a all) SVG() string                { return "<svg/>" }
func (a *all) HTML() string              { return "<b>x</b>" }
func (a all) MimeBundle() map[string]any { return map[string]any{"application/x+json": a.X, "bad": 1} }

type measured struct {
	Name string
	Time float64 `unit:"ms"`
}

type cell struct{ V float64 }

func show(name string, v any) {
	b := nb.MIME(v)
	var kinds []string
	for k := range b {
		kinds = append(kinds, k)
	}
	sort.Strings(kinds)
	fmt.Println("==", name, kinds)
	fmt.Println(b["text/plain"])
}

func main() {
	in := &inner{1}
	show("pointers", outer{P: in, L: []*inner{in, nil}, M: map[string]*inner{"a": in}, Any: in, h: in, list: []inner{{2}}, f: main, C: make(chan int)})
	show("pointer", &outer{Any: []any{in, inner{3}, level(2), []inner{{4}}}})
	show("pointer to pointer", &in)
	r := &ring{V: 1}
	show("no ring", r)
	r.Next = &ring{r, 2}
	show("ring", r)
	show("rings", []*ring{r, nil})
	show("names", names{10: "ten", 9: "nine"})
	show("struct of names", struct{ N names }{names{10: "ten", 9: "nine"}})
	show("speaking", []any{&speaking{1}, speaking{2}})
	show("holder", holder{&speaking{1}, speaking{2}, &speaking{3}})
	show("nil speaking", (*speaking)(nil))
	show("wrapped", fmt.Errorf("outer: %w", fail{3}))
	show("joined", errors.Join(fail{1}, errors.New("plain")))
	show("several", several{[]error{fail{1}, nil, &around{fail{2}}, fmt.Errorf("x: %w", fail{3})}})
	show("around nil", &around{})
	show("panics", panics{1})
	show("list of panics", []panics{{1}})
	show("garbage", garbage{1})
	show("all", all{1})
	show("pointer to all", &all{2})
	show("measured", []measured{{"a", 1.5}, {"b", math.NaN()}, {"c", math.Inf(-1)}})
	show("many", make([]measured, 100000))
	show("array", [3000]measured{2999: {"last", 1}})
	show("cells", make([]*cell, 3000))
	show("any cells", []any{cell{1}, &cell{2}})
	show("funcs", map[string]func(inner){"a": nil, "b": func(inner) {}})
	show("function", func(inner) {})
	show("nil map", names(nil))
	show("matrix", [][]level{{1, 2}, {3}})
	show("bytes", []byte("abc"))
}

// Output:
//	== pointers [text/plain]
//	{P:&{A:1} L:[&{A:1} <nil>] M:map[a:&{A:1}] Any:&{A:1} h:&{A:1} list:[{A:2}] f:func C:chan}
//	== pointer [text/plain]
//	&{P:<nil> L:[] M:map[] Any:[&{A:1} {A:3} 2 [{A:4}]] h:<nil> list:[] f:<nil> C:<nil>}
//	== pointer to pointer [text/plain]
//	&&{A:1}
//	== no ring [text/plain]
//	&{Next:<nil> V:1}
//	== ring [text/plain]
//	&{Next:&{Next:… V:2} V:1}
//	== rings [text/html text/markdown text/plain]
//	Next                       V
//	&{Next:&{Next:… V:1} V:2}  1
//
//	2 rows × 2 columns
//
//	== names [text/html text/markdown text/plain]
//	key  value
//	  9  nine
//	 10  ten
//	2 rows × 2 columns
//
//	== struct of names [text/plain]
//	{N:map[9:nine 10:ten]}
//	== speaking [text/plain]
//	[speaking 1 {N:2}]
//	== holder [text/plain]
//	{S:speaking 1 V:{N:2} s:&{N:3}}
//	== nil speaking [text/plain]
//	<nil>
//	== wrapped [text/plain]
//	outer: fail 3
//	  ↳ fail 3 (main.fail)
//	== joined [text/plain]
//	fail 1
//	plain
//	  ↳ fail 1 (main.fail)
//	== several [text/plain]
//	several
//	  ↳ fail 1 (main.fail)
//	  ↳ around (*main.around)
//	    ↳ fail 2 (main.fail)
//	  ↳ x: fail 3
//	    ↳ fail 3 (main.fail)
//	== around nil [text/plain]
//	around
//	== panics [text/plain]
//	{X:1}
//	(HTML panics: no page 1)
//	(String panics: no text)
//	== list of panics [text/plain]
//	[%!v(PANIC=String method: no text)]
//	== garbage [text/plain]
//	{X:1}
//	(SVG returns 4 bytes that are no SVG)
//	(PNG returns 4 bytes that are no PNG)
//	(JSON returns 1 bytes that are no JSON)
//	== all [application/json application/x+json image/svg+xml text/latex text/plain]
//	picture, SVG, 6 bytes
//	(MimeBundle has "bad", which is no MIME type)
//	== pointer to all [application/json application/x+json image/svg+xml text/html text/latex text/plain]
//	picture, SVG, 6 bytes
//	(MimeBundle has "bad", which is no MIME type)
//	== measured [text/html text/markdown text/plain]
//	Name  Time (ms)
//	a           1.5
//	b           NaN
//	c          -inf
//	3 rows × 2 columns
//
//	== many [text/html text/markdown text/plain]
//	Name  Time (ms)
//	              0
//	              0
//	              0
//	              0
//	              0
//	              0
//	              0
//	              0
//	              0
//	              0
//	…             …
//	              0
//	              0
//	              0
//	              0
//	              0
//	              0
//	              0
//	              0
//	              0
//	              0
//	100000 rows × 2 columns
//
//	== array [text/html text/markdown text/plain]
//	Name  Time (ms)
//	              0
//	              0
//	              0
//	              0
//	              0
//	              0
//	              0
//	              0
//	              0
//	              0
//	…             …
//	              0
//	              0
//	              0
//	              0
//	              0
//	              0
//	              0
//	              0
//	              0
//	last          1
//	3000 rows × 2 columns
//
//	== cells [text/html text/markdown text/plain]
//	V
//
//
//
//
//
//
//
//
//
//
//	…
//
//
//
//
//
//
//
//
//
//
//	3000 rows × 1 column
//
//	== any cells [text/plain]
//	[{V:1} &{V:2}]
//	== funcs [text/html text/markdown text/plain]
//	key  value
//	a    <nil>
//	b    func
//	2 rows × 2 columns
//
//	== function [text/plain]
//	func
//	== nil map [text/plain]
//	map[]
//	== matrix [text/html text/markdown text/plain]
//	0  1
//	1  2
//	3
//	2 rows × 2 columns
//
//	== bytes [text/plain]
//	3 bytes
//	00000000  61 62 63                                          |abc|
