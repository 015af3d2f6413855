package eval

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

// step is a cell and what comes of it.
type step struct {
	code string
	want string // standard output, the value, the notes, the error
}

// capture runs f and returns what it wrote to standard output.
func capture(t *testing.T, f func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	old := os.Stdout
	os.Stdout = w
	text := make(chan string)
	go func() {
		b, _ := io.ReadAll(r)
		text <- string(b)
	}()
	f()
	os.Stdout = old
	w.Close()
	return <-text
}

// evalText runs a cell and shows all that came of it.
func evalText(t *testing.T, s *Session, name, code string) string {
	t.Helper()
	var b strings.Builder
	var res *Result
	var err error
	b.WriteString(capture(t, func() { res, err = s.Eval(context.Background(), Source{Name: name, Code: code}) }))
	if res != nil {
		for _, n := range res.Notes {
			b.WriteString("(" + n + ")\n")
		}
		for _, v := range res.Values {
			b.WriteString(v.Type + " " + v.Text() + "\n")
		}
	}
	if err != nil {
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q: an error that is no *Error: %v", code, err)
		}
		b.WriteString(string(e.Kind) + ": " + err.Error() + "\n")
	}
	return b.String()
}

func runCells(t *testing.T, steps []step) {
	t.Helper()
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, st := range steps {
		got := strings.TrimSpace(evalText(t, s, "In[?]", st.code))
		if got != strings.TrimSpace(st.want) {
			t.Errorf("cell %d\n%s\ngives\n%s\nwant\n%s", i+1, st.code, got, st.want)
		}
	}
}

func TestCells(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps []step
	}{
		{"values", []step{
			{"1 + 1", "int 2"},
			{"x := 3\nx", "int 3"},
			{"float64(x) * 2.5", "float64 7.5"},
			{"x = 4\nx;", ""},
			{"var y, z = 1, \"a\"\nz", "string a"},
			{"strings.ToUpper(z)", "string A"},
			{"rand.IntN(1)", "compile error: In[?]:1:1: undefined: rand\n    rand.IntN(1)\n    ^"},
			{"import \"strconv\"\nn, err := strconv.Atoi(\"12\")", ""},
			{"n, err", "syntax error: In[?]:1:1: expected 1 expression\n    n, err\n    ^"},
			{"strconv.Atoi(\"13\")", "int 13\nerror <nil>"},
		}},
		{"declarations and statements", []step{
			{"func double(x int) int { return 2 * x }\na := double(4)\ntype T struct{ N int }\nt := T{a}\nt", "T {N:8}"},
			{"func (t T) Twice() int { return double(t.N) }\nT{1}.Twice()", "(compiled again: T)\nint 2"},
			{"const K = iota + 5\nK", "int 5"},
			{"fmt.Println(K, a)", "5 8"},
		}},
		{"nothing is stale", []step{
			{"func f() int { return 1 }\nfunc g() int { return f() + 10 }\ng()", "int 11"},
			{"func f() int { return 2 }\ng()", "(compiled again: g)\nint 12"},
			{"const c = 1\nfunc h() int { return c }\nh()", "int 1"},
			{"const c = 5", "(compiled again: h)"},
			{"h()", "int 5"},
			{"type S struct{ A int }\nfunc (s S) Get() int { return s.A }\nfunc mk() S { return S{A: 3} }\ns := mk()\ns.Get()", "int 3"},
			{"type S struct{ A, B int }", "(compiled again: S.Get, mk)"},
			{"mk().B + s.Get()", "int 3"},
		}},
		{"methods and embedding", []step{
			{"type rr struct{ last int }\nfunc (p *rr) Pick(n int) int { p.last = (p.last+1)%n; return p.last }", ""},
			{"type Policy interface { Pick(n int) int }\nfunc New() Policy { return &rr{} }", ""},
			{"New().Pick(7)", "int 1"},
			{"old := New()", ""},
			{"func (p *rr) Pick(n int) int { return 42 }", "(compiled again: rr, New)"},
			{"New().Pick(7)", "int 42"},
			{"type rr struct{ last, bonus int }", "(compiled again: rr.Pick, New)"},
			{"New().Pick(7)", "int 42"},
			{"func (p *rr) Pick(n int) int { return p.bonus + 100 }\nr := rr{bonus: 5}\nr.Pick(1)", "(compiled again: rr, New)\nint 105"},
			{"old.Pick(7)", "int 1"},
			{"type W struct { in rr }\nfunc (w W) P() int { return w.in.Pick(1) }", ""},
			{"W{rr{bonus: 1}}.P()", "int 101"},
			{"type rr struct{ last, bonus, extra int }\nfunc (p *rr) Pick(n int) int { return p.extra }", "(compiled again: New, W, W.P)"},
			{"W{rr{extra: 9}}.P()", "int 9"},
			{"func bad() int { return rr{}.nosuch }", "compile error: In[?]:1:30: rr{}.nosuch undefined (type rr has no field or method nosuch)\n    func bad() int { return rr{}.nosuch }\n                                 ^"},
			{"W{rr{extra: 9}}.P()", "int 9"},
		}},
		{"embedding", []step{
			{"type Base struct{ N int }\nfunc (b *Base) Inc() { b.N++ }\ntype D struct{ Base; M int }\nd := D{Base: Base{N: 1}, M: 2}\nd.Inc()\nd.Base.N", "int 2"},
			{"type Base struct{ N, Extra int }", "(compiled again: Base.Inc, D)"},
			{"e := D{}\ne.Base.Extra = 7\ne.Inc()\ne.Base", "Base {N:1 Extra:7}"},
			{"d.Base.N", "int 2"},
		}},
		{"what depends on a variable", []step{
			{"x := \"abc\"\nfunc size() int { return len(x) }\nsize()", "int 3"},
			{"x = \"abcd\"\nsize()", "int 4"},
			{"x := []int{1}\nsize()", "(compiled again: size)\nint 1"},
			{"x := x[0]", "compile error: In[?]:1:6: cannot use x[0] (variable of type int) as []int value in assignment\n    x := x[0]\n         ^"},
			{"x := 5", "(size no longer compiles and was dropped: invalid argument: x (variable of type int) for built-in len)"},
			{"size()", "compile error: In[?]:1:1: undefined: size (it was dropped: invalid argument: x (variable of type int) for built-in len)\n    size()\n    ^"},
		}},
		{"a part of a group", []step{
			{"const (\n\tA = iota\n\tB\n\tC\n)\nfunc sum() int { return A + B + C }\nsum()", "int 3"},
			{"const B = 100\nA + B + C", "(compiled again: A, B, C, sum)\nint 102"},
			{"sum()", "int 102"},
			{"const B = 1\nsum()", "(compiled again: sum)\nint 3"},
		}},
		{"errors leave the session as it was", []step{
			{"a := 1", ""},
			{"a = \"x\"", "compile error: In[?]:1:5: cannot use \"x\" (untyped string constant) as int value in assignment\n    a = \"x\"\n        ^"},
			{"func f() int { return undefinedName }", "compile error: In[?]:1:23: undefined: undefinedName\n    func f() int { return undefinedName }\n                          ^"},
			{"f()", "compile error: In[?]:1:1: undefined: f\n    f()\n    ^"},
			{"b := []int{}\nc := b[a]", "panic: In[?]:2:1: panic: runtime error: index out of range [1] with length 0\n    c := b[a]\n    ^"},
			{"for range 1 {\n\tb[a] = 1\n}", "panic: In[?]:2:2: panic: runtime error: index out of range\n    \tb[a] = 1\n    \t^"},
			{"var x int = \"text\"", "compile error: In[?]:1:13: cannot use \"text\" (untyped string constant) as int value in variable declaration\n    var x int = \"text\"\n                ^"},
			{"1 << 70", "compile error: In[?]:1:1: cannot use 1 << 70 (untyped int constant 1180591620717411303424) as int value (overflows)\n    1 << 70\n    ^"},
			{"var _, x fmt.Stringer = nil, nil; x == nil", "bool true"},
			{"c", "compile error: In[?]:1:1: undefined: c\n    c\n    ^"},
			{"len(b)", "int 0"},
			{"for {", "syntax error: In[?]:1:6: expected '}', found 'EOF'\n    for {\n         ^"},
			{"func g() {\n\tunused := 1\n}", "compile error: In[?]:2:2: declared and not used: unused\n    \tunused := 1\n    \t^"},
			{"import \"no/such\"", "syntax error: In[?]:1:8: package no/such is not offered to interpreted code (--compile runs it)\n    import \"no/such\"\n           ^"},
			{"os.StartProcess(\"x\", nil, nil)", "compile error: In[?]:1:4: os.StartProcess reaches out of the process: it needs --unrestricted\n    os.StartProcess(\"x\", nil, nil)\n       ^"},
			{"os.Exit(3)", "exit: exit status 3"},
			{"a", "int 1"},
		}},
		{"a whole file", []step{
			{"package main\n\nimport \"fmt\"\n\nvar total = compute()\n\nfunc compute() int { return 42 }\nfunc init() { fmt.Println(\"init\", total) }\nfunc main() { fmt.Println(\"main\", total) }", "init 42\nmain 42"},
			{"total", "int 42"},
			{"func compute() int { return 1 }\ntotal + compute()", "int 43"},
			{"package main\n\nimport \"os\"\n\nfunc main() {}", "compile error: In[?]:3:8: \"os\" imported and not used\n    import \"os\"\n           ^"},
			{"package other", "syntax error: In[?]:1:9: a script is package main, not package other\n    package other\n            ^"},
		}},
	} {
		t.Run(c.name, func(t *testing.T) { runCells(t, c.steps) })
	}
}
