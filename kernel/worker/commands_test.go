package worker_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/govidur/govidur/kernel/server"
	"github.com/govidur/govidur/kernel/worker"
)

// shows runs a cell that must go well and show what a pattern matches.
func (b *bench) shows(code, pattern string) {
	b.t.Helper()
	got, err := b.do(code)
	if err != nil {
		b.t.Fatalf("%s\n%s", code, strings.Join(err.Traceback, "\n"))
	}
	if !regexp.MustCompile("(?s)^" + pattern + "$").MatchString(got) {
		b.t.Errorf("%s\nshows %q, want %s", code, got, pattern)
	}
}

// fails runs a cell that must fail with a traceback that has a text.
func (b *bench) wrong(code, want string) {
	b.t.Helper()
	got, err := b.do(code)
	if err == nil {
		b.t.Fatalf("%s\nfails not, and shows %q", code, got)
	}
	if all := uncoloured(err); !strings.Contains(all, want) {
		b.t.Errorf("%s\nfails with\n%s\nwant %s", code, all, want)
	}
}

func uncoloured(err *server.Failure) string {
	return regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(strings.Join(err.Traceback, "\n"), "")
}

func TestAsking(t *testing.T) {
	b := start(t, worker.Options{})
	b.shows("?sched.Sarathi", `<type Sarathi struct.*Sarathi is .*>\n`)
	b.shows("sched.Sarathi?", `<type Sarathi struct.*>\n`)
	b.shows("%doc strings.ToUpper", `<func .*ToUpper\(s string\) string.*>\n`)
	b.is("// twice doubles.\nfunc twice(x int) int { return 2 * x }", "")
	b.shows("??twice", `<func twice\(x int\) int\n\ntwice doubles.\n\nfunc twice\(x int\) int \{ return 2 \* x \}\n\nIn\[4\]:2>\n`)
	b.shows("//vidur:source twice\ntwice(4)", `<func twice.*>\n=8`)
	b.wrong("?sched.Sarati", "In[7]:1:2: unknown name \"sched.Sarati\"; near: sched.Sarathi")
	b.wrong("%doc", "%doc NAME: which?")
	b.shows("?%time", `<%time \[STATEMENT\]\n\nhow long .*>\n`)
	b.shows("%help", `<command\n%doc NAME .*%%policy NAME.*>\n`)
	b.wrong("%tim x", "unknown command \"tim\"; near: time")
	b.wrong("//vidur:whoz", "unknown command \"whoz\"; near: whos")
	b.wrong("%", "unknown command")
}

func TestMeasuring(t *testing.T) {
	b := start(t, worker.Options{})
	b.is("func f(n int) int { for range n { _ = make([]byte, 1<<16) }; return n }", "")
	took := `wall [\d.]+[nµm]?s(, CPU [\d.]+[nµm]?s)?, [\d.]+ [kM]?B allocated\n`
	b.shows("%time f(100)", took+"=100")
	b.shows("%time x := f(1)\nx", took+"=1")
	b.shows("%%time\ny := 2\nfmt.Println(y)", "2\n"+took)
	b.shows("//vidur:time\n\nfmt.Println(y)", "2\n"+took)
	b.shows("%time for i := range 2 {\n\tfmt.Println(i)\n}\nfmt.Println(\"after\")", "0\n1\n"+took+"after\n")
	b.shows("%%time\n%time y\n%env A=b", took+took+"=2")
	b.wrong("%time f(true)", "In[8]:1:9: cannot use true (untyped bool constant) as int value in argument to f\n    %time f(true)\n            ^")
	b.wrong("%%time\n\n  nope()", "In[9]:3:3: undefined: nope")
	per := ` *\d+\t +[\d.]+ ns/op\t +\d+ B/op\t +\d+ allocs/op\n`
	b.shows("%bench f(1)", per)
	b.shows("%bench y + 1", per)
	b.shows("//vidur:bench\nz := y\nz *= 2\n_ = z", per)
	b.wrong("z", "undefined: z")
	b.wrong("%bench nope(1)", "In[14]:1:8: undefined: nope\n    %bench nope(1)\n           ^")
	b.wrong("%%bench\nz := 1\nz = nope", "In[15]:3:5: undefined: nope")
	b.wrong("%bench panic(7)", "In[16]:1:8: panic: 7")
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	if _, err := b.doIn(ctx, "%bench select {}"); err == nil || err.Name != "interrupted" {
		t.Errorf("%v", err)
	}
	b.is("y", "=2")
}

func TestWhos(t *testing.T) {
	b := start(t, worker.Options{})
	b.is("%whos", "nothing is declared\n")
	b.is("type pair struct{ a, b int }\nconst top = 3\nfunc (p pair) sum() int { return p.a + p.b }", "")
	b.is("big := make([]float64, 1_000_000)\np := &pair{1, 2}\nnames := map[string]int{}", "")
	out := &screen{}
	b.Execute(context.Background(), server.Cell{Code: "%whos", Name: "In[4]", Count: 4}, out)
	want := "<name   kind      type            value                      where\n" +
		"big    variable  []float64       1000000: [0 0 0 0 0 0 …]  In[3]:1\n"
	got := out.text()
	for _, line := range []string{"big +variable +\\[\\]float64 +1000000: \\[0 0 0 0 0 0 …\\] +In\\[3\\]:1", "names +variable +map\\[string\\]int +0 entries +In\\[3\\]:3", "p +variable +\\*pair +&\\{a:1 b:2\\} +In\\[3\\]:2", "pair +type +pair +In\\[2\\]:1", "top +constant +untyped int +3 +In\\[2\\]:2"} {
		if !regexp.MustCompile(line).MatchString(got) {
			t.Errorf("%s lacks %s (as %s)", got, line, want)
		}
	}
	if len(out.all) != 1 || !strings.Contains(out.all[0].Data["text/html"].(string), "<td style=\"text-align:left\">big</td>") {
		t.Errorf("%v", out.all)
	}
}

func TestReset(t *testing.T) {
	b := start(t, worker.Options{})
	b.is("x := 1\nfunc f() int { return x }\nvar huge = make([]byte, 50<<20)", "")
	b.is("%env RESET_ME=1", "")
	before := b.PID()
	b.shows("%reset", `!.*reset: a new process, in which nothing is declared.*\n`)
	if b.PID() == before || b.PID() == 0 {
		t.Errorf("process %d, then %d", before, b.PID())
	}
	b.wrong("x", "undefined: x")
	b.wrong("f()", "undefined: f")
	b.wrong("%env RESET_ME", "no variable RESET_ME")
	b.shows("%reset\ny := 5\n\ny", `!.*reset.*\n=5`)
	b.wrong("%reset\n%env A=1\nnope", "In[8]:3:1: undefined: nope")
	b.is("%env A", "1\n")
	b.wrong("os.Exit(3)", "exit status 3")
	b.wrong("proc, _ := os.FindProcess(os.Getpid())\nproc.Kill()\nselect {}", "signal: killed")
	b.is("%env A", "1\n")
}

func TestPlaces(t *testing.T) {
	b := start(t, worker.Options{})
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b.is("%cd "+dir, dir+"\n")
	b.is("%cd", dir+"\n")
	b.is("%env COLOUR = blue = green\n%env COLOUR", "blue = green\n")
	b.shows("%env", ".*COLOUR=blue = green\n.*")
	b.wrong("%cd nowhere", "In[5]:1:5: %cd nowhere: no such file or directory")
	b.wrong("%env =x", "%env: invalid argument")
	b.wrong("proc, _ := os.FindProcess(os.Getpid())\nproc.Kill()\nselect {}", "signal: killed")
	b.is("%cd\n%env COLOUR", dir+"\nblue = green\n")
	b.is("dir, _ := os.Getwd()\nfmt.Println(dir, os.Getenv(\"COLOUR\"))", dir+" blue = green\n")
}

// a policy file with a mistake to be made in it.
const policyFile = `package main

import (
	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/sched"
)

type mine struct{ vidur.Scheduler }

func newMine(rep *vidur.Replica) (vidur.Scheduler, error) {
	s, err := sched.Sarathi{Chunk: 512}.New(rep)
	return mine{s}, err
}

func (m mine) Next(rep *vidur.Replica, b *vidur.Batch) {
	/*HERE*/
	m.Scheduler.Next(rep, b)
}

func main() { panic("left out") }
`

func policyCell(head, here string) string {
	return head + "\n" + strings.Replace(policyFile, "/*HERE*/", here, 1)
}

const policyRun = `func simulate(ctx context.Context) (time string, err error) {
	e := spec.Default()
	e.Requests = 50
	run, err := e.Build()
	if err != nil {
		return "", err
	}
	run.Config.NewScheduler = mine
	store, err := run.Simulate(ctx)
	if err != nil {
		return "", err
	}
	return fmt.Sprint(len(store.Summary().Metrics) > 0), nil
}`

func TestPolicy(t *testing.T) {
	b := start(t, worker.Options{})
	b.is("n := 1\n"+"type mine2 int", "")
	b.is(policyCell("%%policy mine", "_ = 0"), "")
	b.is(policyRun, "")
	b.is("ok, err := simulate(nb.Context())\nfmt.Println(ok, err)", "true <nil>\n")
	b.is(policyCell("//vidur:policy mine newMine", "if rep.Waiting.Len() >= 0 { panic(\"on purpose\") }"), "")
	b.wrong("ok, err = simulate(nb.Context())\nif err != nil { log.Fatal(err) }", "In[5]:17:")
	b.wrong(policyCell("%%policy mine", "nope()"), "In[7]:17:2: undefined: nope\n    \tnope()")
	b.is(policyCell("%%policy mine", "for { }"), "")
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if _, err := b.doIn(ctx, "ok, err = simulate(context.Background())"); err == nil || err.Name != "interrupted" || strings.Contains(uncoloured(err), "lost") {
		t.Errorf("%v", err)
	}
	b.is(policyCell("%%policy mine", "_ = 1"), "")
	b.is("fmt.Println(simulate(nb.Context()))", "true <nil>\n")
	b.wrong("proc, _ := os.FindProcess(os.Getpid())\nproc.Kill()\nselect {}", "declared again")
	b.is("fmt.Println(simulate(nb.Context()))", "true <nil>\n")
	if _, err := b.interrupted(blocks); err == nil || strings.Contains(uncoloured(err), "mine") || strings.Contains(uncoloured(err), "dropped") {
		t.Errorf("%v", err)
	}
	b.is("fmt.Println(simulate(nb.Context()))", "true <nil>\n")
	b.wrong("n", "undefined: n")
	b.wrong("%%policy two\npackage main\n", "In[17]:1:10: no policy")
	b.wrong("%%policy", "%%policy NAME [TYPE|FUNC]: which?")
	b.wrong("%policy x", "two percent signs")
	b.wrong(policyCell("%%policy mine newMin", ""), "unknown policy \"newMin\"; near: newMine")
	b.wrong("%%policy 7x\n"+policyFile, "is no name of Go's")
}

func TestCompiledCell(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command")
	}
	goCache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Skip(err)
	}
	t.Setenv("GOCACHE", strings.TrimSpace(string(goCache)))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	b := start(t, worker.Options{})
	b.is("v := 1\ntype pair struct{ a, b int }\nconst factor = 3\nfunc (p pair) sum() int { return factor * (p.a + p.b) }\nfunc make2(n int) []pair { return make([]pair, n) }\nfunc usesV() int { return v }", "")
	b.is("%%compile\np := pair{1, 2}\nfmt.Println(p.sum(), len(make2(2)), runtime.Compiler)\np.sum()", "9 2 gc\n<9>\n")
	b.is("//vidur:compile\npackage main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"whole\") }\n", "whole\n")
	b.is("%%compile\nfmt.Println(1)\nnb.Display(nb.HTML(\"<b>x</b>\"))\nfmt.Println(2)\nnb.Display(3)\nfmt.Println(4)", "1\n<<b>x</b>>\n2\n<3>\n4\n")
	b.wrong("%%compile\nfmt.Println(v)", "In[5]:2:13: variable v of the notebook lives in the interpreter")
	b.wrong("%%compile\n\tusesV()", "In[6]:2:2: usesV uses variable v of the notebook")
	b.wrong("%%compile\nx := 1\n", "In[7]:2:1: declared and not used: x\n    x := 1\n    ^")
	b.wrong("%%compile\nvar a []int\nfmt.Println(\"before\")\nfmt.Println(a[len(os.Args)])", "In[8]:4:1: panic: runtime error: index out of range [1] with length 0")
	b.wrong("%%compile\nos.Exit(7)", "exit status 7")
	b.is("%%compile\nos.Stderr.WriteString(\"panic: not really\\n\");", "!panic: not really\n")
	if got, err := b.interrupted("%%compile\nfmt.Println(\"on\")\nfor {\n}"); err == nil || err.Name != "interrupted" || got != "on\n" {
		t.Errorf("%v %q", err, got)
	}
	b.is("v", "=1")
	b.is("%env PATH="+os.TempDir(), "")
	b.wrong("%%compile\nfmt.Println(1)", "%%compile needs the Go toolchain, and there is no go command in PATH")
}
