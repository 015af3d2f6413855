package eval_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/govidur/govidur/kernel/eval"
)

func session(t *testing.T) *eval.Session {
	t.Helper()
	s, err := eval.New(eval.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// good runs a cell that must go well.
func good(t *testing.T, s *eval.Session, name, code string) *eval.Result {
	t.Helper()
	res, err := s.Eval(context.Background(), eval.Source{Name: name, Code: code})
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	return res
}

// The type of a variable is enough to name a package.
func TestPackageOfAType(t *testing.T) {
	good(t, session(t), "a", "var d time.Duration = 5\nvar _ fmt.Stringer = d")
}

func TestDo(t *testing.T) {
	s := session(t)
	res := good(t, s, "a", "n := 0\nfunc(i int) {\n\tif i < 0 {\n\t\tpanic(i)\n\t}\n\tfor i == 0 {\n\t}\n\tn += i\n}")
	f := res.Values[0].Any.(func(int))
	ctx := context.Background()
	if err := s.Do(ctx, func() { f(2); f(3) }); err != nil {
		t.Error(err)
	}
	var e *eval.Error
	if err := s.Do(ctx, func() { f(-1) }); !errors.As(err, &e) || e.Kind != eval.Panicked || !strings.Contains(err.Error(), "panic: -1") {
		t.Errorf("%v", err)
	}
	if err := s.Do(ctx, func() { panic("of the host") }); err == nil || !strings.Contains(err.Error(), "of the host") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	returned := false
	if err := s.Do(ctx, func() { f(0); returned = true }); !errors.As(err, &e) || e.Kind != eval.Interrupted || returned {
		t.Errorf("%v", err)
	}
	if got := good(t, s, "b", "n"); got.Values[0].Text() != "5" {
		t.Errorf("n is %s", got.Values[0].Text())
	}
}

func TestList(t *testing.T) {
	s := session(t)
	good(t, s, "a", "type pair struct {\n\tA int\n\tb any\n}\nconst big = 1 << 100\nconst half = 0.5\nvar loop []any\nloop = append(loop, loop)\nx := &pair{1, pair{2, \"é\"}}")
	good(t, s, "b", "text := strings.Repeat(\"long \", 1_000_000)\nlist := make([]pair, 2_000_000)\nvar none error\nerr := errors.New(\"bad\")\nd := 3 * time.Second\nc := make(chan int, 3)\nfunc f() {}\ng := f\nm := map[pair]int{{1, 2}: 3}\nb := []byte(\"ab\")\na := [3]bool{true}\nvar nobody *pair")
	want := map[string]string{
		"big": "1267650600228229401496703205376", "half": "1/2", "x": `&{A:1 b:{A:2 b:"é"}}`, "pair": "",
		"text": `"long long long long long long long long "…`, "none": "nil", "d": "3s", "c": "0 of 3",
		"f": "", "g": "func", "m": "[{A:1 b:2}:3]", "b": "[97 98]", "a": "[true false false]", "nobody": "nil",
		"list": "2000000: [{A:0 b:nil} {A:0 b:nil} {A:0 b:nil} {A:0 b:nil} {…", "loop": "[nil]", "err": `&{s:"bad"}`,
	}
	for _, l := range s.List() {
		w, ok := want[l.Name]
		delete(want, l.Name)
		if l.Name == "loop" {
			continue // what append gives is Go's affair
		}
		if !ok || l.Value != w || len([]rune(l.Value)) > 60 || l.Place == "" {
			t.Errorf("%+v, want %s", l, w)
		}
	}
	if len(want) > 0 {
		t.Errorf("not listed: %v", want)
	}
}

func TestStandalone(t *testing.T) {
	s := session(t)
	good(t, s, "In[1]", "import \"math/rand/v2\"\nv := 1\ntype T struct{ U }\ntype U struct{ n int }\nfunc (t T) M() int { return k + t.n }\nconst (\n\tk = iota + 1\n\tl\n)\nfunc r() int { return rand.IntN(3) + len(strings.ToUpper(\"a\")) }\nfunc unused() int { return v }")
	files, err := s.Standalone(eval.Source{Name: "In[2]", Code: "\nimport \"net/http\"\n\nfunc own() T { return T{} }\nt := own()\nfmt.Println(t.M(), r(), http.MethodGet)\nt.n"})
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, f := range files {
		all += "== " + f.Name + "\n" + f.Code
	}
	for _, want := range []string{
		"== cell.go\npackage main\n", "import fmt \"fmt\"\n", "import \"net/http\"", "/*line /cells/In[2]:5:1*/t := own()", "func main() {",
		"displayʹ.Display(/*line /cells/In[2]:7:1*/t.n)", "/*line /cells/In[1]:3:1*/type T struct{ U }", "/*line /cells/In[1]:4:1*/type U struct",
		"import rand \"math/rand/v2\"\nimport strings \"strings\"\n/*line /cells/In[1]:10:1*/func r()", "k = iota + 1",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
	if strings.Contains(all, "unused") {
		t.Errorf("too much:\n%s", all)
	}
	for code, want := range map[string]string{
		"fmt.Println(v)":                   "c:1:13: variable v of the notebook lives in the interpreter",
		"unused()":                         "c:1:1: unused uses variable v of the notebook",
		"for {":                            "c:1:6: ",
		"func f() int { return unused() }": "c:1:23: unused uses variable v",
	} {
		if _, err := s.Standalone(eval.Source{Name: "c", Code: code}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", code, err, want)
		}
	}
	for _, code := range []string{"v := 2\nfmt.Println(v)", "func f(v int) int { return v }", "", "x.v()", "// nothing", "undefined()"} {
		if _, err := s.Standalone(eval.Source{Name: "c", Code: code}); err != nil {
			t.Errorf("%s: %v", code, err)
		}
	}
}
