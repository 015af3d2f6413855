package notebook

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/govidur/govidur/kernel/server"
	"github.com/govidur/govidur/kernel/worker"
)

// scripted is a Runner whose cells do what functions say.
type scripted struct {
	server.Runner
	cells []func(ctx context.Context, out server.Output) server.Outcome
	names []string
}

func (s *scripted) Execute(ctx context.Context, c server.Cell, out server.Output) server.Outcome {
	s.names = append(s.names, c.Name)
	do := s.cells[0]
	s.cells = s.cells[1:]
	return do(ctx, out)
}

func text(s string) server.Bundle { return server.Bundle{"text/plain": s} }

// shape are outputs in brief.
func shape(outputs []Output) string {
	var parts []string
	for _, o := range outputs {
		switch o.Kind() {
		case "stream":
			parts = append(parts, o["name"].(string)+":"+o["text"].(string))
		case "error":
			parts = append(parts, "error:"+o["evalue"].(string))
		default:
			parts = append(parts, strings.TrimSuffix(o.Kind(), "_data")+":"+o["data"].(map[string]any)["text/plain"].(string))
		}
	}
	return strings.Join(parts, "|")
}

// TestOutputs: a cell after another, each with what it does and what is stored of
// all cells so far.
func TestOutputs(t *testing.T) {
	type out = server.Output
	show := func(o out, id, s string, update bool) {
		o.Display(server.Display{Data: text(s), ID: id, Update: update})
	}
	steps := []struct {
		do   func(o out) server.Outcome
		want []string
	}{
		{func(o out) server.Outcome {
			o.Stream("stdout", "a")
			o.Stream("stderr", "b")
			o.Stream("stdout", "c\xe2\x82")
			show(o, "", "d", false)
			o.Stream("stdout", "\xacé\xff")
			return server.Outcome{}
		}, []string{"stdout:ac|stderr:b|display:d|stdout:€é\uFFFD"}},
		{func(o out) server.Outcome {
			show(o, "x", "1", true) // of what was never shown: new
			show(o, "x", "2", false)
			show(o, "y", "z", false)
			return server.Outcome{Result: &server.Display{Data: text("3"), ID: "x"}}
		}, []string{"", "display:3|display:3|display:z|execute_result:3"}},
		{func(o out) server.Outcome {
			show(o, "x", "4", true)
			show(o, "y", "w", false)
			return server.Outcome{}
		}, []string{"", "display:4|display:4|display:w|execute_result:4", "display:w"}},
		{func(o out) server.Outcome {
			o.Stream("stdout", "gone")
			o.Clear(true)
			o.Clear(true)
			show(o, "", "after", false)
			o.Clear(false)
			o.Stream("stdout", "again")
			o.Clear(true) // nothing comes, so nothing goes
			return server.Outcome{}
		}, []string{"", "", "", "stdout:again"}},
		{func(o out) server.Outcome {
			o.Clear(true)
			if _, err := o.Input(server.Question{Prompt: "?"}); !errors.Is(err, server.ErrNoInput) {
				t.Error(err)
			}
			o.Comm(server.CommMessage{})
			return server.Outcome{Err: &server.Failure{Value: "bad", Traceback: []string{"\x1b[1mx"}}}
		}, []string{"", "", "", "", "error:bad"}},
	}
	s := &scripted{}
	n := book()
	for _, step := range steps {
		s.cells = append(s.cells, func(_ context.Context, o out) server.Outcome { return step.do(o) })
		n.Cells = append(n.Cells, cell("x"))
	}
	n.FixIDs()
	at := 0
	err := n.Run(t.Context(), s, RunOptions{End: func(*Cell) {
		for i, want := range steps[at].want {
			if got := shape(n.Cells[i].Outputs); want != "" && got != want {
				t.Errorf("after cell %d: cell %d has %q, want %q", at+1, i+1, got, want)
			}
		}
		at++
	}})
	var failed *CellError
	if !errors.As(err, &failed) || failed.Cell != 5 || failed.Count != 5 || failed.Name != "" && failed.Name != "error" {
		t.Error(err)
	}
	if e := n.Cells[4].Outputs[0]; e["ename"] != "error" {
		t.Error(e)
	}
}

// TestTextLimit: a cell that prints without end does not fill the file.
func TestTextLimit(t *testing.T) {
	n := book(cell("x"))
	s := &scripted{cells: []func(context.Context, server.Output) server.Outcome{func(_ context.Context, o server.Output) server.Outcome {
		for range 3 << 20 {
			o.Stream("stdout", "é")
		}
		return server.Outcome{}
	}}}
	if err := n.Run(t.Context(), s, RunOptions{}); err != nil {
		t.Fatal(err)
	}
	got := n.Cells[0].Outputs[0]["text"].(string)
	if want := "\n[4194304 bytes more are left out]\n"; len(got) != textLimit+len(want) || !strings.HasSuffix(got, want) {
		t.Errorf("%d bytes, %s", len(got), got[len(got)-60:])
	}
}

// real runs cells in a process.
func real(t *testing.T) *worker.Worker {
	t.Helper()
	w, err := worker.Start(worker.Options{Command: []string{os.Args[0], asWorker}, Grace: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func TestRun(t *testing.T) {
	n := book(
		prose("# prose"),
		cell("x := 20"),
		cell("  \n"),
		cell("nosuch", "skip-execution"),
		cell("var p *struct{ X int }\np.X", "raises-exception"),
		cell("import \"fmt\"\nfmt.Println(x)\nnb.Display(nb.HTML(\"<i>\"))\nprintln(\"e\")\nx + 1"),
		cell("func f() int { return f() }\nos.Exit(3)"),
		cell("x"),
	)
	old := 7
	n.Cells[3].Count = &old
	n.Cells[7].Count, n.Cells[7].Outputs = &old, []Output{{"output_type": "stream", "name": "stdout", "text": "stale"}}
	n.Cells[1].Metadata["execution"] = map[string]any{"iopub.status.busy": "2026"}
	var seen []int
	err := n.Run(t.Context(), real(t), RunOptions{Begin: func(cell, last int) { seen = append(seen, cell, last) }})
	var failed *CellError
	if !errors.As(err, &failed) || failed.Cell != 7 || failed.Count != 4 || failed.Name != "exit" {
		t.Errorf("%#v", err)
	}
	if want := []int{2, 8, 5, 8, 6, 8, 7, 8}; !reflect.DeepEqual(seen, want) {
		t.Error(seen)
	}
	if got := shape(n.Cells[5].Outputs); got != "stdout:20\n|display:<i>|stderr:e\n|execute_result:21" {
		t.Errorf("%q", got)
	}
	if c := n.Cells[4]; c.Outputs[0].Kind() != "error" || *c.Count != 2 {
		t.Error(shape(c.Outputs))
	}
	if *n.Cells[3].Count != 7 || n.Cells[7].Count != nil || n.Cells[7].Outputs != nil || len(n.Cells[1].Metadata) != 0 {
		t.Error("what did not run is not as it should be")
	}
	if !reflect.DeepEqual(n.Metadata["language_info"], map[string]any{"name": "go"}) {
		t.Error(n.Metadata)
	}
}

// TestRunRepeats: a notebook that is run again, and its output run again, give the
// same bytes.
func TestRunRepeats(t *testing.T) {
	text := book(cell("for i := range 50 { fmt.Println(i); println(-i) }\nvar l nb.Live\nl.Show(1)"), cell("l.Show(2)\nm := map[string]int{\"b\": 1, \"a\": 2}\nm")).Bytes()
	var first string
	for range 3 {
		n := mustRead(t, string(text))
		if err := n.Run(t.Context(), real(t), RunOptions{}); err != nil {
			t.Fatal(err)
		}
		text = n.Bytes()
		if first == "" {
			first = string(text)
		} else if first != string(text) {
			t.Errorf("%s\nand then\n%s", first, text)
		}
	}
}

// TestTimeout: also when errors are allowed, a cell that is too long ends the run, and
// so does the user.
func TestTimeout(t *testing.T) {
	n := book(cell("1"), cell("for {\n}", "raises-exception"), cell("2"))
	err := n.Run(t.Context(), real(t), RunOptions{Timeout: 500 * time.Millisecond, AllowErrors: true})
	if err == nil || !strings.Contains(err.Error(), "cell 2 (In[2]): interrupted: the cell took longer than 500ms") {
		t.Error(err)
	}
	if n.Cells[2].Count != nil || n.Cells[1].Outputs[0].Kind() != "error" {
		t.Error("it went on")
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = n.Run(ctx, real(t), RunOptions{Begin: func(cell, _ int) {
		if cell == 2 {
			time.AfterFunc(100*time.Millisecond, cancel)
		}
	}})
	if err == nil || !strings.Contains(err.Error(), "interrupted") || n.Cells[2].Count != nil {
		t.Error(err)
	}
	if err := n.Run(ctx, real(t), RunOptions{}); !errors.Is(err, context.Canceled) || n.Cells[0].Count != nil {
		t.Error(err)
	}
}

// TestSlowStart: the time that the process of the cells takes to start is not the
// first cell's.
func TestSlowStart(t *testing.T) {
	w, err := worker.Start(worker.Options{Command: []string{"sh", "-c", "sleep 2; exec \"$0\" " + asWorker, os.Args[0]}})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	n := book(cell("1"))
	if err := n.Run(t.Context(), w, RunOptions{Timeout: 1500 * time.Millisecond}); err != nil {
		t.Error(err)
	}
}

func TestVerify(t *testing.T) {
	n := book(
		prose("# prose"),
		cell("x := 2", tagParameters),
		cell("fmt.Println(\"a\")\nprintln(\"b\")\nfmt.Println(\"c\", x)"),
		cell("panic(x)", "raises-exception"),
		cell("nb.Display(nb.SVG(\"<svg>1</svg>\"))\nx"),
	)
	if _, err := n.Verify(t.Context(), real(t), RunOptions{}); !errors.Is(err, ErrNotRun) {
		t.Error(err)
	}
	if err := n.Inject([]Param{{"x", "5"}}); err != nil {
		t.Fatal(err)
	}
	if err := n.Run(t.Context(), real(t), RunOptions{}); err != nil {
		t.Fatal(err)
	}
	before := string(n.Bytes())
	if d, err := n.Verify(t.Context(), real(t), RunOptions{}); err != nil || len(d) > 0 {
		t.Error(err, d)
	}
	if string(n.Bytes()) != before {
		t.Error("verifying changes the notebook")
	}
	out := n.Cells[3].Outputs // a front end stores streams as they come
	n.Cells[3].Outputs = []Output{
		{"output_type": "stream", "name": "stdout", "text": "a\n"},
		{"output_type": "stream", "name": "stderr", "text": "b\n"},
		{"output_type": "stream", "name": "stdout", "text": "c 5\n"},
	}
	if d, err := n.Verify(t.Context(), real(t), RunOptions{}); err != nil || len(d) > 0 {
		t.Error(err, d, shape(out))
	}
	n.Cells[5].Outputs[0]["data"].(map[string]any)["image/svg+xml"] = "<svg>2</svg>"
	n.Cells[3].Outputs[2]["text"] = "c 6\n"
	d, err := n.Verify(t.Context(), real(t), RunOptions{})
	if err != nil || len(d) != 2 || d[0].Cell != 4 || d[1].Cell != 6 || !strings.Contains(d[1].Diff, "-     <svg>2</svg>\n+     <svg>1</svg>") {
		t.Error(err, d)
	}
	n.Cells[3].Source = "nosuch"
	if d, err = n.Verify(t.Context(), real(t), RunOptions{}); err != nil || len(d) != 2 || !strings.Contains(d[0].Diff, "+ error compile error: undefined: nosuch") {
		t.Error(err, d)
	}
}

func TestDiff(t *testing.T) {
	lines := func(s string) []string { return strings.Fields(s) }
	for _, c := range []struct{ a, b, want string }{
		{"", "", ""},
		{"a b", "a b", ""},
		{"a", "", "- a\n"},
		{"", "a", "+ a\n"},
		{"a b c d e", "a b x d e", "  a\n  b\n- c\n+ x\n  d\n  e\n"},
		{"a a", "a a a", "  a\n  a\n+ a\n"},
	} {
		if got := diff(lines(c.a), lines(c.b)); got != c.want {
			t.Errorf("%q %q: %q", c.a, c.b, got)
		}
	}
}

// TestPixels: pixels may differ, that there are some may not.
func TestPixels(t *testing.T) {
	show := func(data map[string]any) []string {
		return rendered([]Output{{"output_type": "display_data", "data": data}})
	}
	a := show(map[string]any{"image/png": "AA", "application/json": map[string]any{"x": json.Number("1")}})
	b := show(map[string]any{"image/png": "BB", "application/json": map[string]any{"x": json.Number("1")}})
	c := show(map[string]any{"application/json": map[string]any{"x": json.Number("2")}})
	if diff(a, b) != "" || diff(a, c) == "" {
		t.Error(a, b, c)
	}
}
