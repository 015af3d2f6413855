package notebook

import (
	"strings"
	"testing"
)

// exportable are notebooks that have a program.
var exportable = map[string][]string{
	"empty":         {},
	"no value":      {"x := 1\n_ = x;", "x;", "len(\"a\");", "int64(x);", "strings.Repeat(\"a\", 2);"},
	"values":        {"x := 1\nx", "x + 1 // a comment", "\"text\"", "[]int{1}", "struct{ A int }{3}"},
	"calls":         {"func f() (int, string) { return 1, \"a\" }\nf()", "fmt.Println(1)", "len(\"abc\")", "float64(3)", "func() {}()", "strings.Repeat(\"a\", 3)"},
	"declarations":  {"// T is a type.\ntype T struct{ X int }\n\nfunc (t T) Twice() int { return 2 * t.X }\n\nconst k = 3", "t := T{k}\nt.Twice()", "type T struct{ X int }\nt"},
	"later":         {"func g() int { return y }\nvar y = 3", "y = 4\ng()"},
	"again":         {"a, err := strconv.Atoi(\"1\")\nb, err := strconv.Atoi(\"x\")\n_ = err\na + b", "a, err := strconv.Atoi(\"5\")\nfmt.Println(a, err)", "a := a + 1\na"},
	"var":           {"var a, b int = 1, 2\nvar (\n\tc float64\n\t_ = 3\n\t_ fmt.Stringer = time.Second\n)\nvar d []string", "c = 1.5\nvar c float64\nfmt.Println(a, b, c, d == nil)"},
	"imports":       {"import \"fmt\"\nfmt.Println(1)", "import (\n\tf \"fmt\"\n\t\"math/rand\"\n)\nf.Println(rand.New(rand.NewSource(1)).Intn(1) == 0)", "import \"os\"", "spec.Default().Model"},
	"types":         {"e := spec.Default()\nr, err := e.Build()\nnb.Check(err)\nst, err := r.Simulate(nb.Context())\nnb.Check(err)", "s, ok := st.Stat(\"prefill_e2e_time\")\nfmt.Println(s.P50 > 0, ok)"},
	"flow":          {"for i := range 3 {\n\tif i == 1 {\n\t\tcontinue\n\t}\n\tfmt.Println(i)\n}", "outer:\nfor {\n\tfor {\n\t\tbreak outer\n\t}\n}", "outer:\nfor {\n\tbreak outer\n}\nfmt.Println(\"end\")", "if true {\n\treturn\n}\nfmt.Println(\"not reached\")", "defer fmt.Println(\"deferred\")\nfmt.Println(\"before\");", "fmt.Println(\"last\")"},
	"comments":      {"// first\nx := 1 // one\n// second\n\n/* third */ y := 2\n// end", "// only a comment", "// before\nfunc h() {} // after\nx + y"},
	"multiple":      {"a := 1; b := 2; a, b = b, a\nfmt.Println(a,\n\tb)", "m := map[string]func() int{\n\t\"a\": func() int {\n\t\tq := 1\n\t\treturn q\n\t},\n}\nm[\"a\"]()"},
	"name clash":    {"nb := 3\nnb", "x := \"s\"\nx"},
	"shadow":        {"x := 1\nif x := 2; x > 1 {\n\tfmt.Println(x)\n}\nx"},
	"same name":     {"strings2 := strings.ToUpper(\"a\")\nstrings2"},
	"display":       {"nb.Display(1, \"a\")\nnb.Display(map[string]int{\"a\": 1})\nnb.HTML(\"<b>\")"},
	"generic":       {"func Map[T, U any](xs []T, f func(T) U) (out []U) {\n\tfor _, x := range xs {\n\t\tout = append(out, f(x))\n\t}\n\treturn\n}", "ys := Map([]int{1, 2}, func(x int) string { return fmt.Sprint(x, \"!\") })\nys"},
	"prose and nil": {"var e error\ne"},
}

// printed is what outputs are as text.
func printed(cells []*Cell) string {
	var b strings.Builder
	for _, c := range cells {
		for _, o := range c.Outputs {
			text, _ := o["text"].(string)
			if data, ok := o["data"].(map[string]any); ok {
				text = strings.TrimSuffix(data["text/plain"].(string), "\n") + "\n"
			}
			b.WriteString(text)
		}
	}
	return b.String()
}

// TestGo: what a notebook prints and shows, its program prints and shows.
func TestGo(t *testing.T) {
	for name, sources := range exportable {
		n := book(prose("# " + name))
		for _, s := range sources {
			n.Cells = append(n.Cells, cell(s))
		}
		n.FixIDs()
		program, err := n.Go(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if again, _ := n.Go(name); string(again) != string(program) {
			t.Errorf("%s: not the same twice", name)
		}
		if err := n.Run(t.Context(), real(t), RunOptions{}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		p := book(cell(string(program)))
		if err := p.Run(t.Context(), real(t), RunOptions{}); err != nil {
			t.Errorf("%s: %v\n%s", name, err, program)
		}
		if got, want := printed(p.Cells), printed(n.Cells); got != want {
			t.Errorf("%s: the program prints\n%s\nthe notebook\n%s\n%s", name, got, want, program)
		}
	}
}

func TestGoKeepsComments(t *testing.T) {
	n := book(prose("# Title\n\ntext"))
	for _, s := range exportable["comments"] {
		n.Cells = append(n.Cells, cell(s))
	}
	program, err := n.Go("x")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"// # Title", "// text", "// first", "// one", "// second", "/* third */", "// before", "// Command x is"} {
		if strings.Count(string(program), want) != 1 {
			t.Errorf("%s is there %d times:\n%s", want, strings.Count(string(program), want), program)
		}
	}
}

func TestGoRefuses(t *testing.T) {
	for want, sources := range map[string][]string{
		"cell 2: it declares f again, which cell 1":                            {"func f() int { return 1 }", "func f() int { return 2 }"},
		"cell 2: it declares x again as string, which cell 1 declares as int":  {"x := 1", "x := \"a\"\nx"},
		"cell 2: it declares y again as int, which cell 1 declares as float64": {"var y float64", "y := 1\ny / 2"},
		"cell 1: it declares func main":                                        {"func main() {}"},
		"cell 1: it is a file of its own":                                      {"package main\nfunc main() {}"},
		"cell 1: it has a command to the kernel":                               {"%time 1 + 1"},
		"undefined: nosuch":                                                    {"1", "nosuch"},
		"cell 2: rand is the package math/rand/v2 here and math/rand":          {"import \"math/rand\"\n_ = rand.Int;", "import \"math/rand/v2\"\n_ = rand.Int;"},
		"cell 1: it shows the value":                                           {"defer fmt.Println(1)\nfloat64(2)"},
		"cell 1: the type of m follows from itself":                            {"m := m"},
		"cell 1: 1:6:": {"x := := 1"},
		"not offered":  {"import \"example.com/x\"\n_ = x.Y"},
	} {
		n := book()
		for _, s := range sources {
			n.Cells = append(n.Cells, cell(s))
		}
		if _, err := n.Go("x"); err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "cell:", ""), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := book(cell("panic(1)", "raises-exception")).Go("x"); err == nil || !strings.Contains(err.Error(), "raises-exception") {
		t.Error(err)
	}
}

func TestMarkdown(t *testing.T) {
	n := mustRead(t, tricky["outputs"])
	n.Cells[0].Source = "fmt.Println(\"```\")"
	n.Cells = append([]*Cell{prose("# Title\n![a](attachment:a.png) ![b](attachment:b.png)")}, n.Cells...)
	n.Cells[0].rest = map[string]any{"attachments": map[string]any{"a.png": map[string]any{"image/png": "AAAA"}}}
	page, figures := n.Markdown("fig")
	want := "# Title\n![a](fig_files/cell-1-1.png) ![b](attachment:b.png)\n\n````go\nfmt.Println(\"```\")\n````\n\n```\na\nb\n```\n\n![](fig_files/cell-2-1.svg)\n\n```\n3\n```\n\n```\nx\ny\nz\n```\n"
	if string(page) != want {
		t.Errorf("%s", page)
	}
	if len(figures) != 2 || string(figures["fig_files/cell-2-1.svg"]) != "<svg>\n</svg>" || len(figures["fig_files/cell-1-1.png"]) != 3 {
		t.Error(figures)
	}
}

// FuzzGo: no cell makes the export panic, and a program that is written is Go.
func FuzzGo(f *testing.F) {
	for _, sources := range exportable {
		f.Add(strings.Join(sources, "\n%%\n"))
	}
	f.Fuzz(func(t *testing.T, text string) {
		n := book()
		for _, s := range strings.Split(text, "\n%%\n") {
			n.Cells = append(n.Cells, cell(s))
		}
		if program, err := n.Go("x"); err == nil && len(program) == 0 {
			t.Error("no program and no error")
		} else if err != nil && strings.Contains(err.Error(), "fault of this command") {
			t.Error(err)
		}
		_ = n.Inject([]Param{{"x", text}})
		_, _ = parseValue(text)
	})
}
