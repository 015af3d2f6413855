package nb

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/govidur/govidur/vidur/frames"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/plots"
	"github.com/govidur/govidur/vidur/search"
)

type point struct {
	Name string
	X, Y float64
	N    int
	note string
}

type spoken struct{ A int }

func (s spoken) String() string { return fmt.Sprintf("spoken %d", s.A) }

type rich struct{ spoken }

func (rich) HTML() string     { return "<b>rich</b>" }
func (rich) Markdown() string { return "**rich**" }
func (rich) SVG() string      { return "<svg/>" }
func (rich) LaTeX() string    { return "$r$" }
func (rich) PNG() []byte      { return []byte("\x89PNG\r\n\x1a\n") }
func (rich) MimeBundle() map[string]any {
	return map[string]any{"application/json": math.NaN(), "text/html": []byte("<i>")}
}

type pointer struct{}

func (*pointer) HTML() string   { panic("called on nil") }
func (*pointer) String() string { panic("called on nil") }

func testFrame(t *testing.T) any {
	t.Helper()
	df, err := frames.FromColumns([]string{"name", "ttft"}, func(name string) (any, error) {
		if name == "name" {
			return []string{"a", "<b>"}, nil
		}
		return []float64{1.23456789, math.NaN()}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return df
}

func testFigure(t *testing.T) *plots.Figure {
	t.Helper()
	f, err := plots.Lines("QPS", "TTFT (s)", plots.XY("a", []float64{1, 2, 3}, []float64{1, 4, 9}))
	if err != nil {
		t.Fatal(err)
	}
	f.Title = "Load"
	return f
}

func types(b Bundle) string { return strings.Join(slices.Sorted(maps.Keys(b)), " ") }

func TestMIME(t *testing.T) {
	fig := testFigure(t)
	var buf bytes.Buffer
	if err := png.Encode(&buf, image.NewGray(image.Rect(0, 0, 4, 3))); err != nil {
		t.Fatal(err)
	}
	const plainOnly, tabular = "text/plain", "text/html text/markdown text/plain"
	for _, c := range []struct {
		name  string
		v     any
		text  string
		types string
	}{
		{"nil", nil, "<nil>", plainOnly},
		{"string", "a\nb", "a\nb", plainOnly},
		{"int", 3, "3", plainOnly},
		{"nan", math.NaN(), "NaN", plainOnly},
		{"error", errors.New("no"), "no", plainOnly},
		{"duration", 1500 * time.Millisecond, "1.5s", plainOnly},
		{"struct", point{"a", 1, 2, 3, "n"}, "{Name:a X:1 Y:2 N:3 note:n}", plainOnly},
		{"stringer", spoken{3}, "spoken 3", plainOnly},
		{"stringers", []spoken{{3}, {4}}, "[spoken 3 spoken 4]", plainOnly},
		{"times", []time.Time{{}}, "[0001-01-01 00:00:00 +0000 UTC]", plainOnly},
		{"nil pointer with methods", (*pointer)(nil), "<nil>", plainOnly},
		{"html", HTML("<b>x</b>"), "<b>x</b>", "text/html text/plain"},
		{"markdown", Markdown("# x"), "# x", "text/markdown text/plain"},
		{"latex", LaTeX("$x$"), "$x$", "text/latex text/plain"},
		{"svg", SVG("<svg/>"), "picture, SVG, 6 bytes", "image/svg+xml text/plain"},
		{"json", json.RawMessage(`{"a":1}`), `{"a":1}`, "application/json text/plain"},
		{"rich", rich{spoken{1}}, "spoken 1", "application/json image/png image/svg+xml text/html text/latex text/markdown text/plain"},
		{"image", image.NewGray(image.Rect(1, 1, 5, 4)), "picture, 4 × 3 pixels", "image/png text/plain"},
		{"figure", fig, `figure "Load", 3.3 × 2.1 in: TTFT (s) over QPS`, "image/png image/svg+xml text/plain"},
		{"figure value", *fig, `figure "Load", 3.3 × 2.1 in: TTFT (s) over QPS`, "image/png image/svg+xml text/plain"},
		{"plot", fig.Plot, `figure, 4.5 × 3 in: TTFT (s) over QPS`, "image/png image/svg+xml text/plain"},
		{"broken figure", &plots.Figure{}, "figure, 0 × 0 in (cannot be drawn: plots: a figure of 0 × 0 inches)", plainOnly},
		{"frame", testFrame(t), "name    ttft\na     1.2346\n<b>      NaN\n2 rows × 2 columns\n", tabular},
		{"rows", []point{{"a", 1, math.Inf(1), 3, "n"}, {"b", 0.5, 1e-9, -40, ""}},
			"Name    X      Y    N\na       1    inf    3\nb     0.5  1e-09  -40\n2 rows × 4 columns\n", tabular},
		{"pointers", []*point{{Name: "a", N: 1}, nil}, "Name  X  Y  N\na     0  0  1\n\n2 rows × 4 columns\n", tabular},
		{"no rows", []point{}, "[]", plainOnly},
		{"map", map[string]int{"b": 2, "a": 10}, "key  value\na       10\nb        2\n2 rows × 2 columns\n", tabular},
		{"map of structs", map[int]point{10: {Name: "ten"}, 9: {Name: "nine"}},
			"key  Name  X  Y  N\n  9  nine  0  0  0\n 10  ten   0  0  0\n2 rows × 5 columns\n", tabular},
		{"maps", []map[string]any{{"b": 1, "a": "x"}, {"b": 2.5}}, "a    b\nx    1\n   2.5\n2 rows × 2 columns\n", tabular},
		{"sweep", &search.Results{}, "error\n0 rows × 1 column\n", tabular},
		{"run", metrics.Summary{Metrics: []metrics.Stat{{Name: "ttft", Unit: "s"}}}, "", tabular},
		{"empty map", map[string]int{}, "map[]", plainOnly},
	} {
		b := MIME(c.v)
		if got := types(b); got != c.types {
			t.Errorf("%s: types %s", c.name, got)
		}
		if got := b[typeText]; got != c.text && c.text != "" {
			t.Errorf("%s: %q, want %q", c.name, got, c.text)
		}
		if got := text(c.v); got != b[typeText] {
			t.Errorf("%s: displayed as %q, bundle %q", c.name, got, b[typeText])
		}
		if _, err := json.Marshal(b); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	b := MIME(rich{})
	if b[typeHTML] != "<i>" || string(b[typeJSON].(json.RawMessage)) != "null" || b[typeMarkdown] != "**rich**" {
		t.Errorf("%v", b)
	}
	if html := MIME(testFrame(t))[typeHTML].(string); !strings.Contains(html, "&lt;b&gt;") {
		t.Error(html)
	}
}

// TestPlain compares with fmt where fmt has no addresses to print.
func TestPlain(t *testing.T) {
	type nested struct {
		P   point
		M   map[string][]int
		E   error
		D   time.Duration
		d   time.Duration
		Any any
		B   []byte
		C   complex64
		F   float32
		U   uint8
	}
	for _, v := range []any{
		3, "x", 1e21, 1e20, float32(0.1), 2 + 3i, true, []int(nil), []int{1, 2}, [2]bool{true}, map[int]string{2: "b", 1: "a"},
		map[any]int{"b": 1, 2: 2, 1.5: 3, 10: 4}[2], struct{}{}, &point{Name: "x"}, spoken{1}, []any{1, "a", nil, 2.5},
		nested{M: map[string][]int{"b": {1}, "a": nil}, E: errors.New("e"), D: time.Second, d: time.Second, Any: point{}, B: []byte("ab"), C: 1i, F: 0.1, U: 200},
		struct{ A, B any }{nil, spoken{2}}, map[string]error{"a": nil}, []error{nil, errors.New("x")}, [][]string{{"a"}, nil},
	} {
		if got, want := plain(v), fmt.Sprintf("%+v", v); got != want {
			t.Errorf("%s, fmt %s", got, want)
		}
	}
	x := 3
	type ring struct {
		Next *ring
		V    int
	}
	r := &ring{V: 1}
	r.Next = r
	for want, v := range map[string]any{
		"{P:&3}": struct{ P *int }{&x},
		"{F:func C:chan}": struct {
			F func()
			C chan int
		}{func() {}, make(chan int)},
		"[<nil>]": []*int{nil},
	} {
		if got := plain(v); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if s := plain(r); len(s) > 300 || !strings.Contains(s, "…") {
		t.Error(s)
	}
	if s := plain(make([]int, 1e6)); len(s) > 3000 || !strings.HasSuffix(s, " … 999000 more]") {
		t.Error(len(s))
	}
}

// TestInterpretedPlain: structs made at run time print as the compiled ones do.
func TestInterpretedPlain(t *testing.T) {
	typ := reflect.StructOf([]reflect.StructField{
		{Name: "Name", Type: reflect.TypeFor[string]()}, {Name: "X", Type: reflect.TypeFor[float64]()}, {Name: "Y", Type: reflect.TypeFor[float64]()},
		{Name: "N", Type: reflect.TypeFor[int]()}, {Name: "F_note", Type: reflect.TypeFor[string]()},
	})
	compiled := []point{{"a", 1, 2.5, 3, "n"}, {"b", 0, math.NaN(), 0, ""}}
	list := reflect.MakeSlice(reflect.SliceOf(typ), 2, 2)
	for i, c := range compiled {
		for f := range typ.NumField() {
			from := reflect.ValueOf(c).Field(f)
			switch from.Kind() {
			case reflect.String:
				list.Index(i).Field(f).SetString(from.String())
			case reflect.Int:
				list.Index(i).Field(f).SetInt(from.Int())
			default:
				list.Index(i).Field(f).SetFloat(from.Float())
			}
		}
	}
	if got, want := MIME(list.Interface()), MIME(compiled); !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n%v", got, want)
	}
	if got, want := text(list.Index(0).Interface()), text(compiled[0]); got != want {
		t.Errorf("%s, compiled %s", got, want)
	}
}

func TestJSON(t *testing.T) {
	type inner struct {
		A float64 `json:"a,omitempty"`
		B string  `json:"-"`
	}
	type outer struct {
		inner
		*point
		X    float64
		L    []any             `json:"l"`
		M    map[int]float64   `json:",omitempty"`
		T    time.Time         `json:"t,omitzero"`
		Raw  json.RawMessage   `json:"raw"`
		Data []byte            `json:"data"`
		Nil  map[string]string `json:"nil"`
	}
	value := outer{inner: inner{A: 2, B: "no"}, X: 1, L: []any{1, "a", nil, 2.5, spoken{1}}, M: map[int]float64{10: 1, 9: 2}, Raw: json.RawMessage(`[1]`), Data: []byte("ab")}
	want, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(clean(reflect.ValueOf(value), 0))
	if err != nil || !sameJSON(got, want) {
		t.Errorf("%s, want %s: %v", got, want, err)
	}
	value.X, value.M[1], value.L[3] = math.NaN(), math.Inf(1), map[string]any{"f": func() {}, "c": 1i, "i": math.Inf(-1)}
	const sick = `{"a":2,"X":null,"l":[1,"a",null,{"f":"func","c":"(0+1i)","i":null},{"A":1}],"M":{"1":null,"10":1,"9":2},"raw":[1],"data":"YWI=","nil":null}`
	if got := asJSON(value); !sameJSON(got, []byte(sick)) {
		t.Errorf("%s", got)
	}
	loop := map[string]any{}
	loop["self"] = loop
	for _, v := range []any{loop, make(chan int), json.RawMessage("{"), []byte("x"), math.NaN(), map[[2]int]int{{1, 2}: 3}, struct{ V json.Number }{"x"}} {
		if data := asJSON(v); !json.Valid(data) {
			t.Errorf("%T: %s", v, data)
		}
	}
}

func sameJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
