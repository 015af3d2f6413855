package nb

import (
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"math"
	"math/rand"
	"os"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"testing/quick"
	"unicode/utf8"

	"github.com/govidur/govidur/vidur/spec"
)

// Values whose methods are of no use.
type (
	panics     struct{ A int }
	garbage    struct{ A int }
	empty      struct{ A int }
	panicsText struct{ A int }
	nilMap     struct{ A int }
	ends       struct{}
	badImage   struct{ image.Image }
)

func (panics) HTML() string               { panic("no <b>luck</b>\nat all") }
func (panics) PNG() []byte                { var p *panics; _ = p.A; return nil }
func (panics) MimeBundle() map[string]any { panic(errors.New("bundle")) }
func (garbage) PNG() []byte               { return []byte("not a picture") }
func (garbage) SVG() string               { return "<b>" }
func (garbage) JSON() []byte              { return []byte("{") }
func (garbage) HTML() string              { return "<i>html</i>" }
func (garbage) MimeBundle() map[string]any {
	return map[string]any{"": 1, "html": "x", "text/plain": 3, "image/gif": nil, "application/x+json": math.Inf(1)}
}
func (empty) HTML() string               { return "" }
func (empty) PNG() []byte                { return nil }
func (empty) MimeBundle() map[string]any { return nil }
func (panicsText) String() string        { panic("string") }
func (panicsText) Error() string         { panic("error") }
func (nilMap) Markdown() string          { m := noMap(); m["a"] = 1; return "" }
func (ends) HTML() string                { panic(Ended{Code: 3}) }

func noMap() map[string]int { return nil }

type jsoner struct{}

func (*jsoner) JSON() []byte { return []byte(`{"a": 1}`) }

func TestSickMethods(t *testing.T) {
	for _, c := range []struct {
		v           any
		text, types string
	}{
		{panics{1}, "{A:1}\n(HTML panics: no <b>luck</b>)\n(PNG panics: runtime error: invalid memory address or nil pointer dereference)\n(MimeBundle panics: bundle)", "text/plain"},
		{garbage{2}, "3\n(SVG returns 3 bytes that are no SVG)\n(PNG returns 13 bytes that are no PNG)\n(JSON returns 1 bytes that are no JSON)\n" +
			"(MimeBundle has \"\", which is no MIME type)\n(MimeBundle has \"html\", which is no MIME type)", "application/x+json text/html text/plain"},
		{empty{3}, "{A:3}", "text/plain"},
		{panicsText{4}, "{A:4}\n(Error panics: error)\n(String panics: string)", "text/plain"},
		{&panicsText{4}, "&{A:4}\n(Error panics: error)\n(String panics: string)", "text/plain"},
		{nilMap{5}, "{A:5}\n(Markdown panics: assignment to entry in nil map)", "text/plain"},
		{&jsoner{}, "&{}", "application/json text/plain"},
		{jsoner{}, "{}", "text/plain"},
		{image.NewUniform(nil), "picture, 2000000000 × 2000000000 pixels\n(the picture is too large to be shown)", "text/plain"},
	} {
		b := MIME(c.v)
		if b[typeText] != c.text || types(b) != c.types {
			t.Errorf("%T: %s\n%s", c.v, types(b), b[typeText])
		}
	}
	if page := MIME(garbage{})[typeHTML].(string); !strings.HasPrefix(page, "<i>html</i><pre>(SVG returns") {
		t.Error(page)
	}
	if e, ok := ended(func() { MIME(ends{}) }); !ok || e.Code != 3 {
		t.Error("a method cannot end the cell")
	}
	if b := MIME(badImage{image.NewGray(image.Rect(0, 0, 2, 2))}); types(b) != "image/png text/plain" {
		t.Error(b)
	}
}

func TestErrors(t *testing.T) {
	path := &fs.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}
	loop := &looped{}
	for _, c := range []struct {
		err  error
		want string
	}{
		{errors.New("a"), "a"},
		{fmt.Errorf("b: %w", errors.New("a")), "b: a"},
		{fmt.Errorf("c: %w", path), "c: open x: no such file or directory\n  ↳ open x: no such file or directory (*fs.PathError)\n    ↳ no such file or directory (syscall.Errno)"},
		{errors.Join(errors.New("a"), os.ErrNotExist), "a\nfile does not exist"},
		{fmt.Errorf("hidden%.0w", errors.New("cause")), "hidden\n  ↳ cause"},
		{loop, ""},
		{fmt.Errorf("d: %w", nilUnwrap{}), "d: nil\n  ↳ nil (nb.nilUnwrap)"},
	} {
		got := MIME(c.err)[typeText].(string)
		if c.err == error(loop) {
			if n := strings.Count(got, "↳ loop"); n != mostWrapped {
				t.Errorf("%d times", n)
			}
			continue
		}
		if got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

type looped struct{}

func (l *looped) Error() string { return "loop" }
func (l *looped) Unwrap() error { return l }

type nilUnwrap struct{}

func (nilUnwrap) Error() string   { return "nil" }
func (nilUnwrap) Unwrap() []error { return []error{nil} }

// TestHuge: what is long is shown in part, and its whole length said.
func TestHuge(t *testing.T) {
	const n = 1 << 20
	rows := make([]point, n)
	rows[n-1].N = 77
	ints := map[int]string{}
	for i := range n / 8 {
		ints[i] = "v"
	}
	matrix := make([][]float64, n/16)
	for i := range matrix {
		matrix[i] = []float64{float64(i), 1}
	}
	deep := any("end")
	for range n {
		deep = []any{deep}
	}
	wide := [][]int{make([]int, n)}
	for name, c := range map[string]struct {
		v    any
		text string
		most int
	}{
		"structs": {rows, "\n      0  0  77\n1048576 rows × 4 columns\n", 1 << 20},
		"map":     {ints, "131072 rows × 2 columns\n", 1 << 20},
		"matrix":  {matrix, "65536 rows × 2 columns\n", 1 << 20},
		"ints":    {make([]int, n), " … 1047576 more]", 1 << 13},
		"bytes":   {make([]byte, n), "1048576 bytes\n", 1 << 12},
		"texts":   {[]string{strings.Repeat("é", n), "b"}, "… … 1 more]", 1 << 18},
		"deep":    {deep, "…]", 1 << 12},
		"wide":    {wide, " more]]", 1 << 13},
		"fields":  {struct{ A, B []int }{make([]int, n), make([]int, n)}, "more]}", 1 << 14},
	} {
		b := MIME(c.v)
		size := 0
		for _, form := range b {
			size += reflect.ValueOf(form).Len()
		}
		if got := b[typeText].(string); !strings.Contains(got, c.text) || size > c.most || !utf8.ValidString(got) {
			t.Errorf("%s: %d bytes\n%.200s … %s", name, size, got, got[max(0, len(got)-200):])
		}
	}
}

func TestCycles(t *testing.T) {
	type ring struct {
		Next *ring
		V    int
	}
	r := &ring{V: 1}
	r.Next = &ring{r, 2}
	m := map[string]any{}
	m["m"] = []any{m}
	s := []any{nil, 2}
	s[0] = s
	var p any
	p = &p
	for want, v := range map[string]any{
		"&{Next:&{Next:… V:2} V:1}": r,
		"[… 2]":                     s,
		"&…":                        p,
		"key  value\nm    [map[m:…]]\n1 row × 2 columns\n":                                m,
		"Next                       V\n&{Next:&{Next:… V:1} V:2}  1\n1 row × 2 columns\n": []*ring{r},
	} {
		if got := MIME(v)[typeText]; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTables(t *testing.T) {
	type row struct {
		Key  string
		Time float64 `unit:"ms"`
		U    uint
		Big  uint64
		D    map[string]int `name:"counts"`
	}
	for _, c := range []struct {
		v    any
		want string
	}{
		{[]row{{"a", 1.5, 3, math.MaxUint64, nil}}, "Key  Time (ms)  U  Big                   counts\na          1.5  3  18446744073709551615  map[]\n1 row × 5 columns\n"},
		{[][]float64{{1, 2}, {3, 4, 5}, nil}, "0  1  2\n1  2\n3  4  5\n\n3 rows × 3 columns\n"},
		{[2][2]bool{{true}}, "0      1\ntrue   false\nfalse  false\n2 rows × 2 columns\n"},
		{[][]string{{"漢", "b"}}, "0   1\n漢  b\n1 row × 2 columns\n"},
		{[][]byte{{1}}, "[[1]]"},
		{[][]any{{1, "a"}}, "[[1 a]]"},
		{map[string]map[string]int{"a": {"key": 3}}, "(key)  key\na        3\n1 row × 2 columns\n"},
		{map[any]int{int8(1): 1, 1: 2, "a": 3, 0.5: 4}, "key  value\n1        2\n1        1\n0.5      4\na        3\n4 rows × 2 columns\n"},
		{[]map[string]int{nil, {}}, "[map[] map[]]"},
		{[]error{nil}, "[<nil>]"},
		{map[string]func(){"f": nil}, "key  value\nf    <nil>\n1 row × 2 columns\n"},
	} {
		if got := MIME(c.v)[typeText]; got != c.want {
			t.Errorf("%#v:\n%s\nwant\n%s", c.v, got, c.want)
		}
	}
}

// TestSortedKeys compares with sorting all keys.
func TestSortedKeys(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for range 200 {
		m := map[any]int{}
		for range rng.Intn(300) {
			m[[]any{rng.Intn(50), fmt.Sprint(rng.Intn(50)), rng.Float64(), int8(rng.Intn(50)), true}[rng.Intn(5)]] = 0
		}
		v := reflect.ValueOf(m)
		all := sortedKeys(v, v.Len(), 0)
		head, tail := 1+rng.Intn(20), rng.Intn(5)
		want := all
		if n := len(all); n > head+tail {
			want = append(all[:head:head], all[n-tail:]...)
		}
		if got := sortedKeys(v, head, tail); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%v\nwant %v", got, want)
		}
	}
}

// TestRuns: experiments and runs are shown as what they simulate.
func TestRuns(t *testing.T) {
	e := spec.Default()
	e.Requests = 7
	if got := MIME(e)[typeText]; got != "requests: 7\n" {
		t.Errorf("%q", got)
	}
	run, err := e.Build()
	if err != nil {
		t.Fatal(err)
	}
	if got := MIME(run)[typeText]; got != "run of 7 requests, operator times: analytic model, the original's profiles of 2024" {
		t.Errorf("%q", got)
	}
	if got := runText(&spec.Run{Times: "t", Notes: []string{"a", "b"}}); got != "run, operator times: t\na\nb" {
		t.Errorf("%q", got)
	}
}

// TestNil: of each kind.
func TestNil(t *testing.T) {
	for _, c := range []struct {
		v    any
		want string
	}{
		{nil, "<nil>"}, {error(nil), "<nil>"}, {(*int)(nil), "<nil>"}, {(func())(nil), "<nil>"}, {(chan int)(nil), "<nil>"},
		{[]int(nil), "[]"}, {map[string]int(nil), "map[]"}, {[]byte(nil), "0 bytes"}, {(*badImage)(nil), "<nil>"}, {json.RawMessage(nil), ""},
		{[]any{nil, (*int)(nil)}, "[<nil> <nil>]"}, {func() {}, "func"}, {make(chan int), "chan"}, {HTML(""), ""},
	} {
		if got := MIME(c.v)[typeText]; got != c.want {
			t.Errorf("%T: %q, want %q", c.v, got, c.want)
		}
	}
}

// holds is everything that a random value may be made of.
type holds struct {
	B   bool
	I   int8
	U   uint64
	F   float64
	F32 float32
	C   complex128
	S   string
	By  []byte
	L   []holds
	M   map[string]*holds
	K   map[float64][]string
	P   *holds
	A   [2]uint16
	T   []struct{ X, Y float64 }
}

// checkForms holds every value to what a bundle promises.
func checkForms(t *testing.T, v any) {
	t.Helper()
	b := MIME(v)
	if _, ok := b[typeText].(string); !ok {
		t.Fatalf("no text of %T: %v", v, b)
	}
	for kind, form := range b {
		raw, isJSON := form.(json.RawMessage)
		if isJSON != (kind == typeJSON || strings.HasSuffix(kind, "+json")) || isJSON && !json.Valid(raw) {
			t.Fatalf("%s of %T: %.200s", kind, v, form)
		}
	}
	if again := MIME(v); !reflect.DeepEqual(b, again) {
		t.Fatalf("%T differs:\n%v\n%v", v, b, again)
	}
	if !json.Valid(asJSON(v)) {
		t.Fatalf("no JSON of %T", v)
	}
}

func TestRandomValues(t *testing.T) {
	for _, v := range []any{holds{}, []holds{}, map[string]holds{}, [][]float64{}, map[float64]*holds{}, []map[string]string{}, [3]*holds{}} {
		for seed := range 8 {
			rng := rand.New(rand.NewSource(int64(seed)))
			value, ok := quick.Value(reflect.TypeOf(v), rng)
			if !ok {
				t.Fatalf("no random %T", v)
			}
			checkForms(t, value.Interface())
		}
	}
}

// FuzzForms makes sources and answers of methods of any bytes.
func FuzzForms(f *testing.F) {
	f.Add("a", "text/html", []byte("<b>"))
	f.Add("\xff\x00\n|<", "application/json", []byte(`{"a":`))
	f.Add("", "", []byte("\x89PNG\r\n\x1a\n"))
	f.Fuzz(func(t *testing.T, s, kind string, data []byte) {
		for _, v := range []any{s, HTML(s), Markdown(s), SVG(s), LaTeX(s), JSON(s), json.RawMessage(data), data, errors.New(s),
			map[string]any{s: data, kind: s}, []map[string][]byte{{s: data}}, [][]string{{s, kind}}, fuzzed{s, kind, data}} {
			checkForms(t, v)
		}
	})
}

type fuzzed struct {
	s, kind string
	data    []byte
}

func (f fuzzed) HTML() string               { return f.s }
func (f fuzzed) PNG() []byte                { return f.data }
func (f fuzzed) JSON() []byte               { return f.data }
func (f fuzzed) MimeBundle() map[string]any { return map[string]any{f.kind: f.data, f.s: f.kind} }
