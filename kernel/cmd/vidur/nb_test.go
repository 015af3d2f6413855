package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// nbCell is a code cell of a test's notebook, with a tag or none.
type nbCell struct{ source, tag string }

// nbFile writes a notebook of nbformat 4.5.
func nbFile(t *testing.T, name string, cells ...nbCell) string {
	t.Helper()
	type object = map[string]any
	list := []object{{"cell_type": "markdown", "id": "m", "metadata": object{}, "source": "# " + name}}
	for i, c := range cells {
		meta := object{}
		if c.tag != "" {
			meta["tags"] = []string{c.tag}
		}
		list = append(list, object{"cell_type": "code", "id": string(rune('a' + i)), "metadata": meta, "source": c.source, "outputs": []any{}, "execution_count": nil})
	}
	kernel := object{"name": "vidur", "language": "go", "display_name": "Go (vidur)"}
	text, err := json.Marshal(object{"cells": list, "metadata": object{"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})
	if err == nil {
		err = os.WriteFile(name, text, 0o640)
	}
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// rich is a notebook with all kinds of outputs.
var rich = []nbCell{
	{"n := 3\nlabel := \"x\"", "parameters"},
	{"import \"fmt\"\n// T is a type.\ntype T struct{ N int }\n\nfunc (t T) String() string { return fmt.Sprintf(\"T%d\", t.N) }\n\nfmt.Println(\"é\", n)\nT{n}", ""},
	{"var l nb.Live\nl.Show(1)\nfor i := range 3 {\n\tfmt.Println(i)\n}\nprintln(\"to stderr\")\nnb.Display(nb.HTML(\"<b>1</b>\"), map[string]int{\"a\": 1, \"b\": n})\nfmt.Print(\"no newline\")", ""},
	{"l.Show(\"updated\")\nfunc f() (int, error) { return n, nil }\nf()", ""},
	{"", ""},
	{"panic(\"expected\")", "raises-exception"},
	{"nosuch", "skip-execution"},
	{"[]T{{1}, {2}}", ""},
}

func TestNBRun(t *testing.T) {
	t.Chdir(t.TempDir())
	nbFile(t, "rich.ipynb", rich...)
	before, _ := os.ReadFile("rich.ipynb")
	r := process(t, "", "nb", "run", "rich.ipynb")
	if r.status != 0 || !strings.HasPrefix(r.out, "é 3\nT3\nupdated") && !strings.HasPrefix(r.out, "é 3\nT3\n1\n0\n1\n2\n<b>1</b>\nkey") {
		t.Errorf("%+v", r)
	}
	if after, _ := os.ReadFile("rich.ipynb"); string(after) != string(before) {
		t.Error("the notebook was written without --in-place")
	}
	r = process(t, "", "nb", "run", "-p", "n=7", "rich.ipynb", "-p", "label=a b", "-o", "a.ipynb")
	if r.status != 0 || r.out != "" || r.err != "" {
		t.Errorf("%+v", r)
	}
	stdin := process(t, string(before), "nb", "run", "-", "-o", "-", "-p", "n=7", "-p", "label=a b")
	if written, _ := os.ReadFile("a.ipynb"); stdin.status != 0 || stdin.out != string(written) || !strings.Contains(stdin.out, `"n = 7\n",`) {
		t.Errorf("%+v", stdin)
	}
	r = process(t, "", "nb", "run", "a.ipynb", "--in-place")
	if again, _ := os.ReadFile("a.ipynb"); r.status != 0 || string(again) != stdin.out {
		t.Errorf("%+v", r)
	}
	for _, verb := range []string{"verify", "check"} {
		if r := process(t, "", "nb", verb, "a.ipynb"); r.status != 0 || r.out != "" || r.err != "" {
			t.Errorf("%s: %+v", verb, r)
		}
	}
	if r := process(t, "", "nb", "check", "--clean", "rich.ipynb", "a.ipynb"); r.status != 1 || !strings.HasPrefix(r.out, "a.ipynb: cell 2: it has been run") {
		t.Errorf("%+v", r)
	}
	good(t, "nb", "strip", "a.ipynb")
	filtered := process(t, stdin.out, "nb", "strip", "-")
	if stripped, _ := os.ReadFile("a.ipynb"); filtered.out != string(stripped) || strings.Contains(filtered.out, "injected") || strings.Contains(filtered.out, "T7") {
		t.Errorf("%s", filtered.out)
	}
}

// TestNBRunDirectory: cells run in the folder of their notebook.
func TestNBRunDirectory(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("sub", 0o755); err != nil {
		t.Fatal(err)
	}
	nbFile(t, "sub/x.ipynb", nbCell{"os.WriteFile(\"made\", []byte(\"1\"), 0o644)\nos.Exit(0)", ""}, nbCell{"dir, _ := os.Getwd()\nfilepath.Base(dir)", ""})
	if r := process(t, "", "nb", "run", "sub/x.ipynb"); r.status != 0 || r.out != "sub\n" || !present("sub/made") {
		t.Errorf("%+v", r)
	}
}

// TestNBRunFails: what has run is written, whole and with the mode that the file had.
func TestNBRunFails(t *testing.T) {
	t.Chdir(t.TempDir())
	nbFile(t, "x.ipynb", nbCell{"fmt.Println(\"first\")", ""}, nbCell{"a := []int{}\na[3]", ""}, nbCell{"fmt.Println(\"never\")", ""})
	if err := os.Chmod("x.ipynb", 0o600); err != nil {
		t.Fatal(err)
	}
	r := process(t, "", "nb", "run", "x.ipynb", "--in-place")
	if r.status != 1 || r.out != "" || !strings.HasPrefix(r.err, "x.ipynb: cell 3 (In[2]): panic: runtime error: index out of range") || !strings.Contains(r.err, "\nIn[2]:2:1: ") || strings.Contains(r.err, "\x1b") {
		t.Errorf("%+v", r)
	}
	text, _ := os.ReadFile("x.ipynb")
	if info, err := os.Stat("x.ipynb"); err != nil || info.Mode().Perm() != 0o600 || !strings.Contains(string(text), "first\\n") || strings.Contains(string(text), "never\\n\"\n    ]") {
		t.Errorf("%v %s", err, text)
	}
	if files := tree(t, "."); len(files) != 1 {
		t.Error(len(files), "files are left")
	}
	if r := process(t, "", "nb", "run", "x.ipynb", "--allow-errors"); r.status != 0 || r.out != "first\nnever\n" || !strings.Contains(r.err, "index out of range") {
		t.Errorf("%+v", r)
	}
	if r := process(t, "", "nb", "verify", "x.ipynb"); r.status != 1 || !strings.Contains(r.out, "x.ipynb: cell 4 differs (- stored, + now)\n+ stdout\n+     never\n") {
		t.Errorf("%+v", r)
	}
}

func TestNBRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	nbFile(t, "x.ipynb", nbCell{"rate := 1", "parameters"}, nbCell{"os.WriteFile(\"ran\", nil, 0o644)", ""})
	other := `{"cells":[],"metadata":{"kernelspec":{"name":"python3","language":"python","display_name":"P"}},"nbformat":4,"nbformat_minor":5}`
	if err := os.WriteFile("py.ipynb", []byte(other), 0o644); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"":                            "what?",
		"rnu":                         "near: run",
		"run":                         "which notebook?",
		"run nosuch.ipynb":            "nosuch.ipynb",
		"run x.ipynb py.ipynb":        "takes one notebook, not 2",
		"run py.ipynb":                "py.ipynb is in python",
		"run x.ipynb -p raet=1":       "near: rate",
		"run x.ipynb -p rate":         "write name=value",
		"run x.ipynb -o a --in-place": "different places",
		"run x.ipynb --nosuch":        "nosuch",
		"verify x.ipynb":              "run it first",
		"export x.ipynb":              "known: go, markdown",
		"export x.ipynb --to pdf":     "go, markdown",
		"run x.ipynb -o no/x.ipynb":   "no/",
		"run x.ipynb --timeout -1s":   "as 30s",
		"run x.ipynb --timeout 5":     "as 30s",
	} {
		r := process(t, "", append([]string{"nb"}, strings.Fields(args)...)...)
		if r.status != exitBad || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, want) {
			t.Errorf("%s: %+v, want %s", args, r, want)
		}
	}
	if present("ran") {
		t.Error("a cell ran before it was clear where to write what it shows")
	}
	if r := good(t, "nb", "run", "--help"); !strings.Contains(r.out, "--in-place") || !strings.Contains(r.out, "-p") {
		t.Error(r.out)
	}
}

// TestNBInterrupt: a Ctrl-C ends the cell, and what there is is written.
func TestNBInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	t.Chdir(t.TempDir())
	nbFile(t, "x.ipynb", nbCell{"fmt.Println(\"printed\")\nos.WriteFile(\"begun\", nil, 0o644)\nfor {\n}", ""}, nbCell{"2", ""})
	cmd := exec.Command(os.Args[0], "nb", "run", "x.ipynb", "-o", "out.ipynb")
	cmd.Env = append(os.Environ(), asVidur+"=1")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for !present("begun") {
		time.Sleep(10 * time.Millisecond)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // its status is looked at
	text, _ := os.ReadFile("out.ipynb")
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(text), "printed\\n") || !strings.Contains(stderr.String(), "cell 2 (In[1]): interrupted") {
		t.Errorf("%v %s\n%s", cmd.ProcessState, &stderr, text)
	}
}

// TestNBExport: a program prints what the notebook prints, interpreted and compiled,
// and a page has its figures beside it.
func TestNBExport(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command")
	}
	cache(t)
	t.Chdir(t.TempDir())
	cells := append([]nbCell{}, rich...)
	cells[2].source = "import \"fmt\"\nfmt.Println(\"a\")\nnb.Display(nb.SVG(\"<svg/>\"))\nnb.Display(map[string]int{\"b\": n})" // a Live shows in place, a program below
	cells[3].source = "func f() (int, error) { return n, nil }\nf()"
	cells[5].source, cells[5].tag = "n = n + 1", ""
	nbFile(t, "x.ipynb", cells...)
	want := process(t, "", "nb", "run", "x.ipynb")
	good(t, "nb", "export", "--to", "go", "x.ipynb")
	if r := process(t, "", "run", "x.go"); r.status != 0 || r.out != want.out || r.err != want.err {
		t.Errorf("%+v, but the notebook %+v", r, want)
	}
	if r := process(t, "", "run", "--compile", "x.go"); r.status != 0 || r.out != want.out {
		t.Errorf("%+v, but the notebook %+v", r, want)
	}
	if r := process(t, "", "nb", "run", "x.ipynb", "--in-place"); r.status != 0 {
		t.Errorf("%+v", r)
	}
	good(t, "nb", "export", "x.ipynb", "--to", "markdown")
	page, _ := os.ReadFile("x.md")
	figure, _ := os.ReadFile("x_files/cell-4-1.svg")
	if !strings.Contains(string(page), "![](x_files/cell-4-1.svg)") || string(figure) != "<svg/>" {
		t.Errorf("%s", page)
	}
	if r := do("nb", "export", "x.ipynb", "--to", "markdown", "-o", "-"); r.status != exitBad || !strings.Contains(r.err, "says where they go") {
		t.Errorf("%+v", r)
	}
}

// TestNBLikeJupyter compares with nbclient, which runs the kernel, with nbformat and
// with papermill, of the Python that VIDUR_TEST_PYTHON names.
func TestNBLikeJupyter(t *testing.T) {
	python := os.Getenv("VIDUR_TEST_PYTHON")
	if python == "" || exec.Command(python, "-c", "import nbclient, papermill").Run() != nil {
		t.Skip("VIDUR_TEST_PYTHON names no Python with nbclient and papermill")
	}
	installed(t)
	script, err := filepath.Abs("testdata/nb_test.py")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	failing := append(append([]nbCell{}, rich[:3]...), nbCell{"func deep() int { return deep() }\nnosuch + 1", ""}, nbCell{"1", ""})
	injected := append(append([]nbCell{}, rich...), nbCell{"n = 5", "injected-parameters"})
	for name, c := range map[string]struct {
		cells  []nbCell
		params []string
		status int
	}{
		"rich":     {rich, nil, 0},
		"params":   {rich, []string{"n=7"}, 0},
		"injected": {injected, []string{"n=8"}, 0},
		"failing":  {failing, nil, 1},
		"crash":    {[]nbCell{{"x := 1\nfmt.Println(x)", ""}, {"go func() { panic(\"goroutine\") }()\nselect {}", "raises-exception"}, {"1", ""}}, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			in, out := nbFile(t, name+".ipynb", c.cells...), name+"-out.ipynb"
			args := []string{"nb", "run", in, "-o", out}
			for _, p := range c.params {
				args = append(args, "-p", p)
			}
			if r := process(t, "", args...); r.status != c.status {
				t.Fatalf("%+v", r)
			}
			said, err := exec.Command(python, append([]string{"-W", "ignore", script, in, out}, c.params...)...).CombinedOutput()
			if err != nil || !strings.Contains(string(said), "same") {
				t.Errorf("%v\n%s", err, said)
			}
		})
	}
}
