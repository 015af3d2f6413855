package notebook

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/kernel/eval"
	"github.com/govidur/govidur/kernel/worker"
)

// asWorker is the argument that makes the test binary be the process that runs cells.
const asWorker = "cells"

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == asWorker {
		if err := worker.Serve(eval.Options{}); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

// cell is a code cell with tags.
func cell(source string, tags ...string) *Cell {
	c := &Cell{Kind: Code, Source: source, Metadata: map[string]any{}}
	for _, tag := range tags {
		list, _ := c.Metadata["tags"].([]any)
		c.Metadata["tags"] = append(list, tag)
	}
	return c
}

func prose(text string) *Cell {
	return &Cell{Kind: Markdown, Source: text, Metadata: map[string]any{}}
}

// book is a notebook of nbformat 4.5 in Go.
func book(cells ...*Cell) *Notebook {
	kernel := map[string]any{"name": "vidur", "display_name": "Go (vidur)", "language": "go"}
	n := &Notebook{Minor: 5, Metadata: map[string]any{"kernelspec": kernel}, Cells: cells}
	n.FixIDs()
	return n
}

func mustRead(t testing.TB, text string) *Notebook {
	t.Helper()
	n, err := Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// tricky are notebooks that Jupyter takes and in which something is unusual.
var tricky = map[string]string{
	"empty":   `{"cells":[],"metadata":{},"nbformat":4,"nbformat_minor":5}`,
	"unknown": `{"cells":[{"cell_type":"code","id":"a","metadata":{"x":{"y":[1,2.50,-0.0,1e5,1e16,1E-5,123456789012345678901234567890,null,true]}},"source":"1","outputs":[],"execution_count":3}],"metadata":{"vscode":{"a":[]},"b":{}},"nbformat":4,"nbformat_minor":5}`,
	"lines":   `{"cells":[{"cell_type":"markdown","id":"a","metadata":{},"source":["a\n","b\u2028c\u0085d\u000be\u001cf\r","\ng\rh"]}],"metadata":{},"nbformat":4,"nbformat_minor":5}`,
	"text":    `{"cells":[{"cell_type":"raw","id":"a","metadata":{},"source":"é \u00e9 \ud83d\ude00 \u0001\u007f\b\f <&> \\ \" /"}],"metadata":{},"nbformat":4,"nbformat_minor":5}`,
	"outputs": `{"cells":[{"cell_type":"code","id":"a","metadata":{},"source":[],"execution_count":null,"outputs":[
		{"output_type":"stream","name":"stdout","text":["a\n","b"]},
		{"output_type":"display_data","metadata":{"image/png":{"width":3}},"data":{"image/png":["AA\n","BB"],"text/html":"<b>\n</b>","image/svg+xml":["<svg>\n","</svg>"],"application/json":["a","b"],"application/vnd.x+json":{"a":["b\n"]},"application/javascript":"a\nb","text/plain":""}},
		{"output_type":"execute_result","execution_count":3,"metadata":{},"data":{"text/plain":"3"}},
		{"output_type":"error","ename":"a","evalue":"b","traceback":["\u001b[1mx","y\nz"]}]}],"metadata":{},"nbformat":4,"nbformat_minor":5}`,
	"transient":   `{"cells":[{"cell_type":"markdown","metadata":{"trusted":true,"a":1},"source":"","attachments":{"x.png":{"image/png":"AA","text/plain":"a\nb"}}}],"metadata":{"signature":"s","orig_nbformat":3,"kernelspec":{"name":"vidur","display_name":"Go"}},"nbformat":4,"nbformat_minor":1}`,
	"old":         `{"cells":[{"cell_type":"code","metadata":{"collapsed":false},"source":"x","outputs":[],"execution_count":0}],"metadata":{},"nbformat":4,"nbformat_minor":0}`,
	"sorted keys": `{"nbformat_minor":4,"nbformat":4,"metadata":{"é":1,"z":2,"Z":3,"a":{"\n":1," ":2,"\ud83d\ude00":3,"\uffee":4}},"cells":[]}`,
}

// TestFixedPoint: what is written is read as the same and written as the same.
func TestFixedPoint(t *testing.T) {
	for name, text := range tricky {
		once := mustRead(t, text).Bytes()
		twice := mustRead(t, string(once)).Bytes()
		if !bytes.Equal(once, twice) {
			t.Errorf("%s:\n%s\nand then\n%s", name, once, twice)
		}
		if !json.Valid(once) || once[len(once)-1] != '\n' {
			t.Errorf("%s: %s", name, once)
		}
	}
}

// TestBytesLikeNbformat compares files with those that nbformat of Python writes.
func TestBytesLikeNbformat(t *testing.T) {
	python := os.Getenv("VIDUR_TEST_PYTHON")
	if python == "" || exec.Command(python, "-c", "import nbformat").Run() != nil {
		t.Skip("VIDUR_TEST_PYTHON names no Python with nbformat")
	}
	const script = `import json, sys, nbformat
texts = json.loads(sys.stdin.buffer.read())
print(json.dumps({name: nbformat.writes(nbformat.reads(text, as_version=4)) + "\n" for name, text in texts.items()}))`
	in, err := json.Marshal(tricky)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-W", "ignore", "-c", script)
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	var want map[string]string
	if err == nil {
		err = json.Unmarshal(out, &want)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range tricky {
		if got := mustRead(t, text).Bytes(); string(got) != want[name] {
			t.Errorf("%s:\n%s\nbut nbformat writes\n%s", name, got, want[name])
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for text, want := range map[string]string{
		``:                                "not JSON",
		"{\n\n\"a\" 1}":                   "line 3",
		`[]`:                              "not an object",
		`{"nbformat":3}`:                  "nbformat 4",
		`{"cells":[]}`:                    "nbformat 4",
		`{"nbformat":"4"}`:                "nbformat is not a number",
		`{"nbformat":4,"cells":{}}`:       "cells is not a list",
		`{"nbformat":4,"cells":[3]}`:      "cell 1: it is not an object",
		`{"nbformat":4,"metadata":[]}`:    "metadata is not an object",
		`{"nbformat":4} x`:                "behind its end",
		`{"nbformat":4,"x":1e999}`:        "too large",
		"{\"nbformat\":4,\"x\":\"\xff\"}": "UTF-8",
		`{"nbformat":4,"cells":[{"cell_type":"code","source":3}]}`:                                    "source is not a string",
		`{"nbformat":4,"cells":[{"cell_type":"code","source":"","outputs":[{}]}]}`:                    "no output_type",
		`{"nbformat":4,"cells":[{"cell_type":"code","source":"","outputs":[],"execution_count":-1}]}`: "execution_count is not",
		`{"nbformat":4,"cells":[{"cell_type":"code","source":["a",1]}]}`:                              "source is not",
		strings.Repeat("[", 100_000): "not JSON",
	} {
		n, err := Read([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || n != nil {
			t.Errorf("%.60s: %v, want %s", text, err, want)
		}
	}
}

func TestPythonFloat(t *testing.T) {
	for in, want := range map[string]string{
		"1.0": "1.0", "1e0": "1.0", "-0.0": "-0.0", "-0": "0", "1e15": "1000000000000000.0", "1e16": "1e+16", "0.0001": "0.0001",
		"0.00001": "1e-05", "1.5e300": "1.5e+300", "12345678901234567890": "12345678901234567890", "0.1": "0.1", "5e-324": "5e-324",
	} {
		if got, err := number(in); err != nil || string(got) != want {
			t.Errorf("%s: %s, want %s (%v)", in, got, want, err)
		}
	}
}

func TestIDs(t *testing.T) {
	n := book(cell("a"), cell("a"), cell("b"), cell("c"), cell("d"))
	n.Cells[2].ID, n.Cells[3].ID, n.Cells[4].ID = "kept", "kept", "no good"
	n.FixIDs()
	ids := map[string]bool{}
	var list []string
	for _, c := range n.Cells {
		if !idForm.MatchString(c.ID) || ids[c.ID] {
			t.Errorf("%q", c.ID)
		}
		ids[c.ID] = true
		list = append(list, c.ID)
	}
	if list[2] != "kept" {
		t.Error(list)
	}
	again := book(cell("a"), cell("a"), cell("b"), cell("c"), cell("d"))
	if again.Cells[0].ID != list[0] || again.Cells[1].ID != list[1] || list[1] != list[0]+"-2" {
		t.Error(list)
	}
	again.FixIDs()
	if again.Cells[1].ID != list[1] {
		t.Error("not stable")
	}
}

func TestStripAndCheck(t *testing.T) {
	n := mustRead(t, tricky["outputs"])
	n.Cells = append(n.Cells, cell("x = 3", tagInjected))
	n.Cells[0].Metadata = map[string]any{"execution": 1, "keep": 2, "jupyter": map[string]any{"outputs_hidden": true}, "scrolled": true}
	n.Metadata = map[string]any{"widgets": 1, "language_info": map[string]any{"name": "go", "version": "go1"}}
	n.Strip()
	want := `{"cells":[{"cell_type":"code","execution_count":null,"id":"a","metadata":{"keep":2},"outputs":[],"source":[]}],"metadata":{"language_info":{"name":"go"}},"nbformat":4,"nbformat_minor":5}`
	var got bytes.Buffer
	if err := json.Compact(&got, n.Bytes()); err != nil || got.String() != want {
		t.Errorf("%s", got.String())
	}
	once := n.Bytes()
	n.Strip()
	if !bytes.Equal(once, n.Bytes()) {
		t.Error("stripping twice is not stripping once")
	}
}

func TestCheck(t *testing.T) {
	ran := func(count int, source string, tags ...string) *Cell {
		c := cell(source, tags...)
		c.Count = &count
		return c
	}
	failing := func(c *Cell) *Cell {
		c.Outputs = []Output{{"output_type": "error", "ename": "panic", "evalue": "x"}}
		return c
	}
	python := book()
	python.Metadata["kernelspec"] = map[string]any{"name": "python3", "language": "Python"}
	twins := book(cell("1"), cell("2"))
	twins.Cells[1].ID = twins.Cells[0].ID
	for name, c := range map[string]struct {
		n     *Notebook
		clean bool
		want  []string
	}{
		"clean":        {book(cell("x := 1"), prose("# x"), cell("x")), true, nil},
		"in order":     {book(ran(1, "x := 1"), cell(""), ran(2, "x")), false, nil},
		"not clean":    {book(ran(1, "x := 1"), cell("x")), true, []string{"cell 1: it has been run"}},
		"out of order": {book(ran(2, "x := 1"), ran(1, "x")), false, []string{"cell 1: its execution count is 2 where 1", "cell 2: "}},
		"partly":       {book(ran(1, "x := 1"), cell("x")), false, []string{"cell 2: it has not been run"}},
		"failed":       {book(failing(ran(1, "x"))), false, []string{"cell 1: it failed: panic: x"}},
		"may fail":     {book(failing(ran(1, "x", "raises-exception"))), false, nil},
		"skipped":      {book(cell("x", "skip-execution"), ran(1, "x")), false, nil},
		"parameters":   {book(cell("x := 1", tagParameters), cell("y := 1", tagParameters)), false, []string{"cell 2: a second"}},
		"syntax":       {book(cell("x := 1"), cell("\nfunc f( {")), false, []string{"cell 2: 2:9: "}},
		"command":      {book(cell("%time 1+1"), cell("x?")), false, nil},
		"language":     {python, false, []string{"the notebook is in python"}},
		"ids":          {twins, false, []string{"cell 2: another cell has its id"}},
	} {
		got := c.n.Check(c.clean)
		for i, f := range got {
			if i >= len(c.want) || !strings.Contains(f.String(), c.want[i]) {
				t.Errorf("%s: %s", name, f)
			}
		}
		if len(got) < len(c.want) {
			t.Errorf("%s: %v, want %q", name, got, c.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, text := range tricky {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		n, err := Read(text)
		if err != nil {
			return
		}
		once := n.Bytes()
		again, err := Read(once)
		if err != nil {
			t.Fatalf("%v\n%s", err, once)
		}
		if !bytes.Equal(once, again.Bytes()) {
			t.Fatalf("%s\nand then\n%s", once, again.Bytes())
		}
		n.Check(false)
		n.Markdown("x")
		n.Strip()
		once = n.Bytes()
		n.Strip()
		if !slices.Equal(once, n.Bytes()) {
			t.Fatal("stripping twice is not stripping once")
		}
	})
}
