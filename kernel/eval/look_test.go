package eval

import (
	"slices"
	"strings"
	"testing"
)

// at cuts the mark | out of code.
func at(code string) (string, int) {
	off := strings.Index(code, "|")
	return code[:off] + code[off+1:], off
}

func TestComplete(t *testing.T) {
	s := session(t)
	mustEval(t, s, "// Point is a place.\ntype Point struct{ X, Y int }\n\n// Norm is its length.\nfunc (p Point) Norm() float64 { return math.Hypot(float64(p.X), float64(p.Y)) }\nfunc norms(ps []Point) (out []float64) { return nil }\npt := Point{1, 2}\npts := map[string]*Point{}")
	for _, c := range []struct {
		code string
		want string // text kind type, of the first candidates
	}{
		{"strings.ToUp|", "ToUpper function func(s string) string; ToUpperSpecial function func(c unicode.SpecialCase, s string) string"},
		{"pt.|", "Norm method func() float64; X field int; Y field int"},
		{"pts[\"a\"].N|", "Norm method func() float64"},
		{"Point{X|", "X field int"},
		{"nor|", "norms function func(ps []Point) (out []float64)"},
		{"func f(abc int) int {\n\tfor abd := range 3 {\n\t\tab|\n\t}\n\treturn 0\n}", "abc variable int; abd variable int"},
		{"x := \"pt.|", ""},
		{"// pt.|", ""},
		{"vidur.Rout|", "Routed constant vidur.Kind; Router type vidur.Router; RouterFunc type vidur.RouterFunc"},
		{"os.StartP|", ""},
		{"retur|", "return keyword "},
		{"pt.Norm().|", ""},
		{"nonsense.|", ""},
		{"rand.|", ""},
		{"jso|", "json package encoding/json"},
		{"v2|", ""},
	} {
		code, off := at(c.code)
		done := s.Complete(code, off)
		var got []string
		for _, x := range done.Candidates {
			got = append(got, x.Text+" "+x.Kind+" "+x.Type)
		}
		if text := strings.Join(got, "; "); text != c.want {
			t.Errorf("%q: got %q, want %q", c.code, text, c.want)
		}
		if len(got) > 0 && (done.Start > off || done.End != off) {
			t.Errorf("%q: replaces %d to %d", c.code, done.Start, done.End)
		}
	}
	if v := mustEval(t, s, "pt.X").Values; v[0].Text() != "1" {
		t.Error("looking has changed the session")
	}
}

func TestInspect(t *testing.T) {
	s := session(t)
	mustEval(t, s, "// Point is a place.\ntype Point struct{ X, Y int }\n\n// Norm is its length.\nfunc (p Point) Norm() int { return p.X }\npt := Point{1, 2}")
	for _, c := range []struct{ code, signature, doc string }{
		{"strings.ToUp|per(x)", "func strings.ToUpper(s string) string", "ToUpper returns"},
		{"pt.No|rm()", "func (Point).Norm() int", "Norm is its length."},
		{"Po|int{}", "type Point struct{X int; Y int}\nfunc (Point).Norm() int", "Point is a place."},
		{"p|t", "var pt Point", ""},
		{"strin|gs.ToUpper", "package strings // import \"strings\"", "Package strings implements"},
		{"vidur.Sched|uler(nil)", "type Scheduler interface{Done(rep *vidur.Replica, b *vidur.Batch); Next(rep *vidur.Replica, b *vidur.Batch)}", "Scheduler forms the batches"},
		{"len|(x)", "builtin len", ""},
	} {
		code, off := at(c.code)
		d, ok := s.Inspect(code, off)
		if !ok || d.Signature != c.signature || !strings.HasPrefix(d.Doc, c.doc) || c.doc == "" && d.Doc != "" {
			t.Errorf("%q: got %+v, %v", c.code, d, ok)
		}
	}
	if d, ok := s.Inspect("1 + 2", 2); ok {
		t.Errorf("an operator: %+v", d)
	}
}

func TestStatus(t *testing.T) {
	for _, c := range []struct {
		code   string
		want   Status
		indent string
	}{
		{"1 + 1", Complete, ""},
		{"", Complete, ""},
		{"for i := range 3 {", Incomplete, "\t"},
		{"f(1,", Incomplete, "\t"},
		{"f(func() {", Incomplete, "\t\t"},
		{"x := `abc", Incomplete, ""},
		{"/* a", Incomplete, ""},
		{"x := 1 +", Incomplete, ""},
		{"x.", Incomplete, ""},
		{"x := \"abc", Invalid, ""},
		{"x := )", Invalid, ""},
		{"if x }", Invalid, ""},
		{"package main\nfunc main() {}", Complete, ""},
		{"package main\nfunc main() {", Incomplete, "\t"},
		{"import \"fmt\"\nfmt.Println(1)\ntype T struct {\n}", Complete, ""},
	} {
		if got, indent := StatusOf(c.code); got != c.want || indent != c.indent {
			t.Errorf("%q: %s %q, want %s %q", c.code, got, indent, c.want, c.indent)
		}
	}
}

// TestSplit checks that the parts of a cell are all of it, in order.
func TestSplit(t *testing.T) {
	for _, code := range []string{
		"a := 1\nfunc f() {\n}\nb := func(x int) int { return x }(2)\ntype T struct{}\nfunc (t T) M() {}\nfor i := 0; i < 3; i++ {\n}\nconst c = 1; var d = 2",
		"func() {}()\nfunc(a int) (b int) { return }(3)",
		"import (\n\t\"fmt\"\n)\nfmt.Println()",
	} {
		chunks, err := split(Source{Name: "x", Code: code})
		if err != nil {
			t.Fatal(err)
		}
		last := 0
		var stmts []string
		for _, k := range chunks {
			if k.start < last || strings.TrimSpace(strings.ReplaceAll(code[last:k.start], ";", "")) != "" {
				t.Errorf("%q: %q is in no part", code, code[last:k.start])
			}
			last = k.end
			if k.stmt {
				stmts = append(stmts, code[k.start:k.end])
			}
		}
		if slices.Contains(stmts, "func f() {\n}") {
			t.Errorf("%q: statements %q", code, stmts)
		}
	}
}
