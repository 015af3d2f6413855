package worker_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/govidur/govidur/kernel/eval"
	"github.com/govidur/govidur/kernel/server"
	"github.com/govidur/govidur/kernel/worker"
)

// asWorker makes the test binary be the process that runs cells.
const asWorker = "BE_WORKER"

// asFront makes it be a front with such a process.
const asFront = "BE_FRONT"

func TestMain(m *testing.M) {
	if os.Getenv(asFront) != "" {
		os.Unsetenv(asFront)
		os.Setenv(asWorker, "1")
		front()
	}
	if os.Getenv(asWorker) != "" && len(os.Args) == 1 { // else it is a fuzzing process of the tests
		fmt.Fprintln(os.Stderr, worker.Serve(eval.Options{Unrestricted: true}))
		os.Exit(1)
	}
	os.Setenv(asWorker, "1")
	os.Exit(m.Run())
}

// screen is an Output that writes everything down, in order.
type screen struct {
	mu    sync.Mutex
	log   strings.Builder
	ask   func(prompt string) (string, error) // nil: nobody can be asked
	on    func()                              // called when the cell has printed "on"; may be nil
	all   []server.Display
	comms []server.CommMessage
}

func (s *screen) Stream(name, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name == "stderr" {
		text = "!" + text
	}
	s.log.WriteString(text)
	if s.on != nil && strings.Contains(s.log.String(), "on") {
		s.on()
	}
}

func (s *screen) Display(d server.Display) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, d)
	fmt.Fprintf(&s.log, "<%v>\n", d.Data["text/plain"])
}

func (s *screen) Clear(bool) {}

func (s *screen) Comm(m server.CommMessage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.comms = append(s.comms, m)
	fmt.Fprintf(&s.log, "[%s %v]\n", m.Kind, m.Data["method"])
}

func (s *screen) Input(q server.Question) (string, error) {
	if s.ask == nil {
		return "", server.ErrNoInput
	}
	return s.ask(q.Prompt)
}

func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// bench is a Worker with a count of cells.
type bench struct {
	*worker.Worker
	t *testing.T
	n int
}

func start(t *testing.T, opt worker.Options) *bench {
	t.Helper()
	opt.Command = []string{os.Args[0]}
	w, err := worker.Start(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return &bench{w, t, 0}
}

// do runs a cell and returns what it showed, its result last, and its error.
func (b *bench) do(code string) (string, *server.Failure) {
	b.t.Helper()
	return b.doIn(context.Background(), code)
}

func (b *bench) doIn(ctx context.Context, code string) (string, *server.Failure) {
	return b.doOn(ctx, code, &screen{})
}

// interrupted runs a cell that is interrupted when it has printed "on".
func (b *bench) interrupted(code string) (string, *server.Failure) {
	ctx, cancel := context.WithCancel(b.t.Context())
	defer cancel()
	return b.doOn(ctx, code, &screen{on: cancel})
}

// blocks is code that prints "on" where no interrupt reaches it: in compiled code,
// which then waits for ever. It needs fmt, io and os.
const blocks = "r, p, _ := os.Pipe()\nfmt.Fprintln(p, \"on\")\nio.Copy(os.Stdout, r)"

func (b *bench) doOn(ctx context.Context, code string, out *screen) (string, *server.Failure) {
	b.n++
	o := b.Execute(ctx, server.Cell{Code: code, Name: fmt.Sprintf("In[%d]", b.n), Count: b.n}, out)
	if o.Result != nil {
		out.Stream("stdout", fmt.Sprint("=", o.Result.Data["text/plain"]))
	}
	return out.text(), o.Err
}

// is runs a cell that must go well and show want.
func (b *bench) is(code, want string) {
	b.t.Helper()
	got, err := b.do(code)
	if err != nil {
		b.t.Fatalf("%s: %v", code, err.Traceback)
	}
	if got != want {
		b.t.Errorf("%s\nshows %q\nwant  %q", code, got, want)
	}
}

// fails runs a cell that must fail with an error of a kind that has a text.
func (b *bench) fails(code, kind, text string) *server.Failure {
	b.t.Helper()
	got, err := b.do(code)
	if err == nil {
		b.t.Fatalf("%s goes well: %s", code, got)
	}
	if trace := strings.Join(err.Traceback, "\n"); err.Name != kind || !strings.Contains(trace, text) {
		b.t.Errorf("%s\n%s: %s\n%s", code, err.Name, err.Value, trace)
	}
	return err
}

func TestCells(t *testing.T) {
	b := start(t, worker.Options{})
	b.is("x := 40", "")
	b.is("x += 2; x", "=42")
	b.is("func f() int { return g() }\nfunc g() int { return 1 }", "")
	b.is("f()", "=1")
	if got, err := b.do("func g() int { return 2 }"); err != nil || !strings.Contains(got, "(") || !strings.HasPrefix(got, "!") {
		t.Errorf("%q %v", got, err)
	}
	b.is("f()", "=2")
	b.is("func two() (int, error) { return 3, nil }", "")
	b.is("two()", "=3\n<nil>")
	b.is("1;", "")
	b.is("type point struct{ X, Y int }\nfunc (p point) String() string { return \"here\" }", "")
	b.is("point{1, 2}", "=here")
	b.is("var e error; e", "=<nil>")
	b.is("type ring struct{ Next *ring; v *int }\nr := &ring{v: new(int)}\nr.Next = r\nr", "=&{Next:… v:&0}")
	b.is("m := map[string]any{}\nm[\"m\"] = m\nm[\"m\"]", "=key  value\nm    map[m:…]\n1 row × 2 columns\n")
	b.is("import \"strings\"\nstrings.ToUpper", "=func(s string) string")
	b.is("var c chan point; c", "=<nil>")
	b.is("func() (int, func(point)) { return 1, func(point) {} }()", "=1\nfunc(point)")
	b.is("import \"os\"\nlen(os.Args)", "=1")
	b.is("", "")
}

func TestErrors(t *testing.T) {
	b := start(t, worker.Options{})
	err := b.fails("x := 1\ny := nosuch", "compile error", "In[1]:2:6")
	if want := "undefined: nosuch"; err.Value != want {
		t.Errorf("%q, want %q", err.Value, want)
	}
	if last := err.Traceback[len(err.Traceback)-1]; last != "         \x1b[1;31m^\x1b[0m" {
		t.Errorf("the caret is at %q", last)
	}
	b.fails("func {", "syntax error", "In[2]:1:6")
	b.fails("var m map[string]int\nm[\"a\"] = 1", "panic", "In[3]:2:")
	b.fails("import \"os\"\nz := 5\nos.Exit(3)", "exit", "exit status 3")
	b.is("z", "=5")
	b.is("os.Exit(0)", "")
	b.fails("import \"github.com/govidur/govidur/kernel/nb\"\nimport \"errors\"\nnb.Check(errors.New(\"bad\\nluck\"))", "error", "bad")
	b.fails("p := struct{ N int }{}\nfmt.Sscan(\"1\", &p.N)\nvar s string\n_, err := fmt.Scan(&s)\nnb.Check(err)", "error", "EOF")
	if err := b.fails("panic(strings.Repeat(\"y\", 1<<20))", "panic", "bytes more"); len(strings.Join(err.Traceback, "")) > 20_000 {
		t.Error("the message is as long as it comes")
	}
	out := b.Execute(t.Context(), server.Cell{Code: "z := 1", Name: "e", Expression: true, Silent: true}, &screen{})
	if out.Err == nil || out.Err.Name != "syntax error" {
		t.Errorf("%+v", out)
	}
	out = b.Execute(t.Context(), server.Cell{Code: "z + 1", Name: "e", Expression: true, Silent: true}, &screen{})
	if out.Err != nil || out.Result.Data["text/plain"] != "6" {
		t.Errorf("%+v", out)
	}
}

// What is printed in any way comes in the order in which it was printed.
func TestOrder(t *testing.T) {
	b := start(t, worker.Options{})
	b.is("import (\"fmt\"; \"os\"; \"io\"; \"github.com/govidur/govidur/kernel/nb\")", "")
	cell, want := "", ""
	for i := range 60 {
		switch i % 4 {
		case 0:
			cell += fmt.Sprintf("fmt.Println(%d)\n", i)
		case 1:
			cell += fmt.Sprintf("os.Stdout.WriteString(\"%d\\n\")\n", i)
		case 2:
			cell += fmt.Sprintf("io.WriteString(os.Stdout, \"%d\\n\")\n", i)
		case 3:
			cell += fmt.Sprintf("nb.Display(%d)\n", i)
			want += fmt.Sprintf("<%d>\n", i)
			continue
		}
		want += fmt.Sprintf("%d\n", i)
	}
	for range 20 {
		b.is(cell+"7", want+"=7")
	}
	b.is("fmt.Fprintln(os.Stderr, \"e\"); nb.Display(1); fmt.Fprint(os.Stderr, \"panic: no\\n\"); nb.Display(2)", "!e\n<1>\n!panic: no\n<2>\n")
	if got, err := b.do("println(\"low\")\nnb.Display(1)"); err != nil || strings.ReplaceAll(got, "!", "") != "low\n<1>\n" {
		t.Errorf("%q %v", got, err)
	}
}

func TestManyLines(t *testing.T) {
	b := start(t, worker.Options{})
	b.is("import \"fmt\"", "")
	var want strings.Builder
	for i := range 100_000 {
		fmt.Fprintln(&want, i)
	}
	begun := time.Now()
	b.is("for i := range 100_000 { fmt.Println(i) }\n\"end\"", want.String()+"=end")
	t.Logf("100,000 lines in %v", time.Since(begun))
}

func TestDisplays(t *testing.T) {
	b := start(t, worker.Options{})
	out := &screen{}
	code := `import "github.com/govidur/govidur/kernel/nb"
var l nb.Live
l.Show(1)
l.Show(2)
nb.Display(nb.HTML("<b>x</b>"), nb.SVG("<svg/>"))
p := nb.NewProgress("a<b", 10)
p.Done()
nb.HTML("<i>y</i>")`
	o := b.Execute(t.Context(), server.Cell{Code: code, Name: "In[1]"}, out)
	if o.Err != nil {
		t.Fatal(o.Err.Traceback)
	}
	all := out.all
	if len(all) != 6 || all[0].ID == "" || all[0].Update || !all[1].Update || all[1].ID != all[0].ID {
		t.Fatalf("%+v", all)
	}
	if all[2].Data["text/html"] != "<b>x</b>" || all[3].Data["image/svg+xml"] != "<svg/>" || all[2].ID != "" {
		t.Errorf("%+v", all[2:4])
	}
	bar, end := all[4], all[5]
	if bar.ID == "" || bar.ID != end.ID || bar.Data["text/html"] != `a&lt;b <progress value="0" max="10" style="vertical-align:middle"></progress> 0 of 10, 0 s` || len(end.Data) != 0 || !bar.Passing || !end.Passing {
		t.Errorf("%+v %+v", bar, end)
	}
	if o.Result.Data["text/html"] != "<i>y</i>" {
		t.Errorf("%+v", o.Result)
	}
	b.is("func pair() (nb.HTML, int) { return \"<p>\", 2 }", "")
	b.is("pair()", "<<p>>\n=2")
}

func TestAssist(t *testing.T) {
	b := start(t, worker.Options{})
	b.is("// twice doubles.\nfunc twice(x int) int { return 2 * x }", "")
	c := b.Complete(t.Context(), "1 + twi", 7)
	if len(c.Candidates) != 1 || c.Start != 4 || c.End != 7 || c.Candidates[0].Text != "twice" || c.Candidates[0].Kind != "function" {
		t.Errorf("%+v", c)
	}
	d := b.Inspect(t.Context(), "twice(1)", 2, 1)
	plain, _ := d.Data["text/plain"].(string)
	mark, _ := d.Data["text/markdown"].(string)
	for _, want := range []string{"func twice(x int) int", "twice doubles.", "return 2 * x"} {
		if !strings.Contains(plain, want) || !strings.Contains(mark, want) {
			t.Errorf("no %q in %q, %q", want, plain, mark)
		}
	}
	if d := b.Inspect(t.Context(), "nosuch", 2, 0); d.Data != nil {
		t.Errorf("%+v", d)
	}
	if s, indent := b.Status("for {"); s != server.Incomplete || indent == "" {
		t.Errorf("%q %q", s, indent)
	}
}

// ask runs a cell whose questions are answered, the last one never.
func (b *bench) ask(ctx context.Context, code string, answers ...string) (string, *server.Failure) {
	out := &screen{}
	out.ask = func(prompt string) (string, error) {
		if len(answers) == 0 {
			<-ctx.Done()
			return "", ctx.Err()
		}
		out.Stream("stdout", "?"+prompt+"?")
		line := answers[0]
		answers = answers[1:]
		return line, nil
	}
	o := b.Execute(ctx, server.Cell{Code: code, Name: "In[2]", AllowStdin: true}, out)
	return out.text(), o.Err
}

// A cell that reads standard input asks, in whatever way it reads.
func TestInput(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("no input")
	}
	b := start(t, worker.Options{})
	b.is("import (\"fmt\"; \"os\"; \"bufio\"; \"io\")\nx := 1", "")
	for _, c := range []struct{ code, want string }{
		{"var n, m int\nfmt.Print(\"é\\ntwo: \")\nfmt.Scan(&n, &m)\nfmt.Println(n * m)", "é\ntwo: ?two: ???42\n"},
		{"s := bufio.NewScanner(os.Stdin)\nfor range 2 { s.Scan(); fmt.Println(s.Text()) }", "??6\n??7\n"},
	} {
		if got, err := b.ask(t.Context(), c.code, "6", "7"); err != nil || got != c.want {
			t.Errorf("%q, want %q: %v", got, c.want, err)
		}
	}
	got, err := b.do("io.ReadAll(os.Stdin)")
	if err != nil || !strings.Contains(got, "does not allow input") || !strings.HasSuffix(got, "\n<nil>") {
		t.Errorf("%q %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	if _, err := b.ask(ctx, "bufio.NewReader(os.Stdin).ReadString('\\n')"); err == nil || err.Name != "interrupted" {
		t.Errorf("%+v", err)
	}
	b.is("x", "=1")
	if got, err := b.ask(t.Context(), "var w string; fmt.Scanln(&w); fmt.Println(w)", "again"); err != nil || got != "??again\n" {
		t.Errorf("%q %v", got, err)
	}
}

// What a cell left running prints to the cell that ran last.
func TestLeftBehind(t *testing.T) {
	b := start(t, worker.Options{})
	b.is("import \"time\"\nimport \"fmt\"\ngo func() { time.Sleep(100*time.Millisecond); fmt.Println(\"late\") }()", "")
	out := &screen{}
	b.Execute(t.Context(), server.Cell{Code: "1", Name: "In[2]"}, out)
	b.Execute(t.Context(), server.Cell{Code: "2", Name: "x", Expression: true, Silent: true}, &screen{})
	for end := time.Now().Add(5 * time.Second); out.text() != "late\n"; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%q", out.text())
		}
	}
}
