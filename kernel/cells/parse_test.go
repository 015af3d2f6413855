package cells

import (
	"fmt"
	"strings"
	"testing"

	"github.com/govidur/govidur/kernel/eval"
)

// written is a list of steps in short: the command, its argument, its code.
func written(code string, steps []step) string {
	var out []string
	for _, st := range steps {
		name := "go"
		if st.cmd != nil {
			name = st.cmd.name
		}
		out = append(out, fmt.Sprintf("%s(%s|%s)", name, st.arg.of(code), st.code.of(code)))
	}
	return strings.Join(out, " ")
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ code, want string }{
		{"", "go(|)"},
		{"x := 7 % 3\n%time f()", "go(|x := 7 % 3\n%time f())"},
		{"// a comment\n\nx", "go(|// a comment\n\nx)"},
		{"%time f()", "time(f()|f()) go(|)"},
		{"  %time \t f() \r\nx", "time(f()|f()) go(|x)"},
		{"%time\nx\ny", "time(|x\ny)"},
		{"%%time\nx", "time(|x)"},
		{"//vidur:time\nx", "time(|x)"},
		{"// %% jupytext\n//vidur:time f()\nx", "time(f()|f()) go(|x)"},
		{"%time for {\n}\nx", "time(for {|for {\n}) go(|x)"},
		{"%time for {\n", "time(for {|for {\n) go(|)"},
		{"%time f(\n1,\n2)\n%whos\ny", "time(f(|f(\n1,\n2)) whos(|) go(|y)"},
		{"?x", "doc(x|) go(|)"},
		{"x.y?\nz", "doc(x.y|) go(|z)"},
		{"??  x.y", "source(x.y|) go(|)"},
		{"x??", "source(x|) go(|)"},
		{"?", "help(|) go(|)"},
		{"x? y", "go(|x? y)"},
		{"7?", "go(|7?)"},
		{"%env A = b c", "env(A = b c|) go(|)"},
		{"%env\n%cd\n\n// so\n%whos\nx\n%env", "env(|) cd(|) whos(|) go(|x\n%env)"},
		{"%%policy a b\npackage main\n%time", "policy(a b|package main\n%time)"},
		{"//vidur:policy a\n", "policy(a|)"},
		{"%%compile", "compile(|)"},
		{"//vidur:reset", "reset(|) go(|)"},
		{"// vidur:reset", "go(|// vidur:reset)"},
		{"/* %time */ x", "go(|/* %time */ x)"},
	} {
		steps, err := parse(eval.Source{Name: "c", Code: c.code})
		if got := written(c.code, steps); err != nil || got != c.want {
			t.Errorf("%q: %s, want %s; %v", c.code, got, c.want, err)
		}
	}
}

func TestParseFails(t *testing.T) {
	for code, want := range map[string]string{
		"%tme x":              "c:1:1: unknown command \"tme\"; near: time",
		"x?\n\n //vidur:bnch": "c:3:2: unknown command \"bnch\"; near: bench",
		"%":                   "c:1:1: unknown command \"\"",
		"% time":              "c:1:1: unknown command \"\"",
		"%%":                  "c:1:1: unknown command \"\"",
		"%%whos":              "c:1:1: %whos takes its line only",
		"%policy a":           "c:1:1: %%policy takes the rest of the cell",
		"%%time f()":          "c:1:8: %%time takes the rest of the cell; for one statement it is %time",
		"%whos all":           "c:1:7: %whos takes nothing",
		"%doc":                "c:1:5: %doc NAME: which?",
		"//vidur:source  ":    "c:1:15: %source NAME: which?",
	} {
		_, err := parse(eval.Source{Name: "c", Code: code})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", code, err, want)
		}
	}
}

// Whatever the text: no panic; steps follow each other; a mask keeps what is kept,
// the length and the lines; a cell without commands is left as it is.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"x := 1", "%time f(\n)\nx", "//vidur:time\n?x\n", "??\n%%policy é b\npackage main", "%env A=é\r\n%cd\x00", "é?", "%\xff", "x?%time\n%%compile"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, code string) {
		steps, err := parse(eval.Source{Name: "c", Code: code})
		last := 0
		for _, st := range steps {
			for _, p := range []span{st.name, st.arg, st.code} {
				if p.from > p.to || p.to > len(code) {
					t.Fatalf("%q: %+v", code, st)
				}
			}
			if st.cmd != nil && st.name.from < last || st.code.to > 0 && st.code.to < last {
				t.Fatalf("%q: %+v begins before %d", code, st, last)
			}
			last = max(st.code.to, st.arg.to, st.name.to)
			kept := masked(code, st.code)
			if len(kept) != len(code) || strings.Count(kept, "\n") != strings.Count(code, "\n") || st.code.of(kept) != st.code.of(code) {
				t.Fatalf("%q is masked as %q", code, kept)
			}
		}
		if err == nil && len(steps) == 1 && steps[0].cmd == nil && masked(code, steps[0].code) != code {
			t.Fatalf("%q has no command and is changed", code)
		}
		StatusOf(code)
		for off := 0; off <= len(code) && len(code) < 100; off++ {
			if done, ok := completeCommand(code, off, steps, err); ok && (done.Start > off || done.End < off) {
				t.Fatalf("%q at %d: %+v", code, off, done)
			}
		}
	})
}

// Whatever the pieces, what passes and what is held are the text, and nothing that
// passes in one piece begins a line as last words do.
func FuzzLastWords(f *testing.F) {
	f.Add("one\npanic: two\n", 3)
	f.Add("a panic: b\nfatal error: c", 100)
	f.Fuzz(func(t *testing.T, text string, piece int) {
		if piece <= 0 || len(text) > 1000 {
			t.Skip()
		}
		var out strings.Builder
		w := &lastWords{to: &out}
		for rest := text; rest != ""; {
			n := min(piece, len(rest))
			if m, err := w.Write([]byte(rest[:n])); m != n || err != nil {
				t.Fatal(m, err)
			}
			rest = rest[n:]
		}
		if passed := out.String(); piece >= len(text) && (strings.HasPrefix(passed, "panic: ") || strings.Contains(passed, "\npanic: ")) {
			t.Fatalf("%q passes", passed)
		}
		w.release()
		if out.String() != text {
			t.Fatalf("%q comes out as %q", text, &out)
		}
	})
}
