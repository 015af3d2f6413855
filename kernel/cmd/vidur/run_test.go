package main

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// policyScript is a script with a policy whose methods have these bodies; that of
// Next begins in line 16.
func policyScript(next, route string) string {
	return `package main

import (
	"context"
	"log"
	"math/rand/v2"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/spec"
)

type policy struct{}

func (policy) Next(rep *vidur.Replica, b *vidur.Batch) {
` + next + `
}

func (policy) Done(rep *vidur.Replica, b *vidur.Batch) { rep.Requeue(b) }

func (policy) Route(r *vidur.Request, c *vidur.Cluster) int {
` + route + `
}

func main() {
	e := spec.Default()
	e.Requests, e.Replicas = 20, 2
	run, err := e.Build()
	if err != nil {
		log.Fatal(err)
	}
	run.Config.NewScheduler = func(rep *vidur.Replica) (vidur.Scheduler, error) { return policy{}, nil }
	run.Config.NewRouter = func(c *vidur.Cluster, rng *rand.Rand) (vidur.Router, error) { return policy{}, nil }
	if _, err := run.Simulate(context.Background()); err != nil {
		log.Fatal(err)
	}
}
`
}

const (
	serve = "\trep.DecodeAll(b, vidur.Limits{})\n\tfor rep.Admit(b, vidur.Limits{}) {\n\t}"
	turn  = "\treturn r.ID % 2"
)

// failures are scripts that fail, and what is said of each: the place and the
// message, the line, and what else must be there.
var failures = []struct {
	name, code, want string // want is a regular expression for the whole message
	status           int
}{
	{"compile error", "package main\n\nfunc main() {\n\tx := 1\n}\n",
		`^s\.go:4:2: declared and not used: x\n    \tx := 1\n    \t\^\n$`, 1},
	{"two compile errors", "package main\n\nfunc main() {\n\tx := a\n\ty := b\n}\n",
		`(?s)^s\.go:4:\d+: .*\ns\.go:5:\d+: `, 1},
	{"syntax error", "package main\n\nfunc main() {\n\tx := := 1\n}\n",
		`^s\.go:4:7: expected operand.*\n    \tx := := 1\n    \t     \^\n`, 1},
	{"panic in main", "package main\n\nfunc main() {\n\tvar a []int\n\tprintln(a[3])\n}\n",
		`^s\.go:5:\d+: panic: runtime error: index out of range.*\n    \tprintln\(a\[3\]\)\n    \t *\^\n`, 1},
	{"panic deeper", "package main\n\nfunc f(n int) {\n\tif n == 0 {\n\t\tpanic(\"bottom\")\n\t}\n\tf(n - 1)\n}\n\nfunc main() { f(3) }\n",
		`^s\.go:5:3: panic: bottom\n    \t\tpanic\("bottom"\)\n    \t\t\^\n`, 1},
	{"panic in a scheduler", policyScript("\tvar a []int\n\t_ = a[rep.Waiting.Len()]\n"+serve, turn),
		`^s\.go:16:\d+: .*t=\S+ s replica \d+ batch \d+.*index out of range.*\n    \t_ = a\[rep\.Waiting\.Len\(\)\]\n    \t *\^\n`, 1},
	{"bad index of a router", policyScript(serve, "\treturn 7 + r.ID"),
		`^s\.go:\d+:\d+: vidur: t=\S+ s: the router sent request 0 to replica 7 of 2\n.*\n.*\^\n`, 1},
	{"negative tokens", policyScript("\tif r := rep.Waiting.Pop(); r != nil {\n\t\tb.Add(r, -5)\n\t}", turn),
		`^s\.go:16:\d+: .*t=\S+ s replica \d+ .*-5.*\n    \t\tb\.Add\(r, -5\)\n    \t\t *\^\n`, 1},
	{"never scheduled", policyScript("", turn),
		`(?s)^.*t=\S+ s: request \d+ with a prompt of \d+ tokens can never be scheduled.*\n`, 1},
	{"panic in a goroutine", "package main\n\nfunc main() {\n\tdone := make(chan bool)\n\tgo func() {\n\t\tpanic(\"aside\")\n\t}()\n\t<-done\n}\n",
		`^s\.go:6:3: panic: aside\n    \t\tpanic\("aside"\)\n    \t\t\^\n`, 1},
	{"os.Exit", "package main\n\nimport \"os\"\n\nfunc main() {\n\tdefer println(\"no\")\n\tos.Exit(3)\n}\n", `^$`, 3},
	{"os.Exit(0)", "package main\n\nimport \"os\"\n\nfunc main() {\n\tos.Exit(0)\n}\n", `^$`, 0},
	{"log.Fatal", "package main\n\nimport \"log\"\n\nfunc main() {\n\tlog.SetFlags(0)\n\tlog.Fatal(\"over\")\n}\n", `^over\n$`, 1},
	{"os/exec", "package main\n\nimport \"os/exec\"\n\nfunc main() {\n\t_ = exec.Command(\"true\").Run()\n}\n",
		`^s\.go:3:8: package os/exec .*--unrestricted.*\n    import "os/exec"\n           \^\n`, 1},
	{"os.StartProcess", "package main\n\nimport \"os\"\n\nfunc main() {\n\t_, _ = os.StartProcess(\"true\", nil, nil)\n}\n",
		`^s\.go:6:12: os\.StartProcess .*--unrestricted.*\n`, 1},
	{"nb.Check", "package main\n\nimport (\n\t\"errors\"\n\n\t\"github.com/govidur/govidur/kernel/nb\"\n)\n\nfunc main() {\n\tnb.Check(errors.New(\"no luck\"))\n}\n",
		`^s\.go:10:\d+: no luck\n    \tnb\.Check\(errors\.New\("no luck"\)\)\n`, 1},
	{"nb.Params", "package main\n\nimport \"github.com/govidur/govidur/kernel/nb\"\n\nfunc main() {\n\tp := struct{ QPS float64 }{4}\n\tnb.Params(&p)\n}\n",
		`^error: there is no flag --fly.*\n$`, exitBad},
}

// script runs vidur run s.go in a directory of its own, which must stay as it is.
func script(t *testing.T, code string, flags ...string) result {
	t.Helper()
	t.Chdir(t.TempDir())
	write(t, "s.go", code)
	r := process(t, "", slices.Concat([]string{"run"}, flags, []string{"s.go", "--fly"})...)
	if left := names(tree(t, ".")); len(left) != 1 {
		t.Errorf("left %q", left)
	}
	return r
}

// TestScriptFailures: each mistake is one message with its place, its line and a
// caret, and a status.
func TestScriptFailures(t *testing.T) {
	for _, c := range failures {
		t.Run(c.name, func(t *testing.T) {
			r := script(t, c.code)
			if r.status != c.status || r.out != "" || !regexp.MustCompile(c.want).MatchString(r.err) {
				t.Errorf("status %d, %s\nwant %d, %s", r.status, r.err, c.status, c.want)
			}
			if strings.Contains(r.err, "goroutine ") || strings.Contains(r.err, "ʹ") || strings.Contains(r.err, "lowered") {
				t.Errorf("it shows what is inside: %s", r.err)
			}
		})
	}
}

const endless = "package main\n\nfunc main() {\n\tprintln(\"go\")\n\tfor {\n\t}\n}\n"

func TestTimeout(t *testing.T) {
	for _, code := range []string{endless, strings.Replace(endless, "for {", "for i := 0; ; i++ {", 1)} {
		r := script(t, code, "--timeout", "300ms")
		if r.status != exitFailed || !regexp.MustCompile(`^go\ns\.go:[4567]:\d+: stopped: the time limit has passed\n    .*\n.*\^\n$`).MatchString(r.err) {
			t.Errorf("%+v", r)
		}
	}
	r := script(t, "package main\n\nimport \"time\"\n\nfunc main() {\n\ttime.Sleep(time.Hour)\n}\n", "--timeout", "300ms")
	if r.status != exitFailed || !strings.Contains(r.err, "the time limit has passed") {
		t.Errorf("%+v", r)
	}
}

// TestRecursion: a stack that grows without end is an error with its place.
func TestRecursion(t *testing.T) {
	r := script(t, "package main\n\nfunc f(n int) int { return f(n+1) + 1 }\n\nfunc main() { println(f(0)) }\n", "--timeout", "20s")
	if r.status != exitFailed || !regexp.MustCompile(`^s\.go:3:\d+: stack overflow: .* deep .*\n    func f\(n int\) int.*\n.*\^\n$`).MatchString(r.err) {
		t.Errorf("%+v", r)
	}
}

func TestScriptIsInterrupted(t *testing.T) {
	if _, err := os.Stat("/proc/self"); err != nil {
		t.Skip("no signals or no /proc")
	}
	t.Chdir(t.TempDir())
	write(t, "s.go", endless)
	cmd := exec.Command(os.Args[0], "run", "s.go")
	cmd.Env = append(os.Environ(), asVidur+"=1")
	errs := &spectator{t: t}
	cmd.Stderr = errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	errs.expect("go\n")
	time.Sleep(50 * time.Millisecond)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // its status is looked at
	if got := errs.text.String(); cmd.ProcessState.ExitCode() != exitFailed || !regexp.MustCompile(`^go\ns\.go:[4567]:\d+: interrupted\n`).MatchString(got) {
		t.Errorf("status %d, %s", cmd.ProcessState.ExitCode(), got)
	}
}

// TestRunForms runs what scripts can be.
func TestRunForms(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "s.go", "package main\n\nimport (\"fmt\"; \"os\")\n\nfunc main() { fmt.Println(os.Args) }\n")
	write(t, "loose.go", "x := 20\nx + 1\n")
	for args, want := range map[string]result{
		"run s.go a --b":            {0, "[s.go a --b]\n", ""},
		"run -e 1+2":                {0, "3\n", ""},
		"run -e os.Args[1:] a b":    {0, "[a b]\n", ""},
		"run loose.go":              {0, "21\n", ""},
		"run -":                     {0, "5\n", ""},
		"run - a":                   {0, "5\n", ""},
		"run":                       {2, "", "vidur: which script? vidur run FILE, vidur run -e CODE, or vidur run - (standard input)\n"},
		"run none.go":               {2, "", "vidur: open none.go: no such file or directory\n"},
		"run .":                     {2, "", "vidur: read .: is a directory\n"},
		"run --fly s.go":            {2, "", "vidur: flag provided but not defined: -fly\n"},
		"run --timeout soon s.go":   {2, "", "vidur: invalid value \"soon\" for flag -timeout: parse error\n"},
		"run --unrestricted s.go x": {0, "[s.go x]\n", ""},
	} {
		if got := process(t, "2 + 3", strings.Fields(args)...); got != want {
			t.Errorf("%s: %+v, want %+v", args, got, want)
		}
	}
	r := good(t, "run", "--help")
	for _, flag := range []string{"\n  -e ", "--unrestricted", "--timeout", "--compile", "--check"} {
		if !strings.Contains(r.out, flag) {
			t.Errorf("no %s in %s", flag, r.out)
		}
	}
}

// TestReadsItsInput: a script has the standard input.
func TestReadsItsInput(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "s.go", "package main\n\nimport (\"fmt\"; \"io\"; \"os\")\n\nfunc main() { b, _ := io.ReadAll(os.Stdin); fmt.Print(string(b)) }\n")
	text := string(bytes.Repeat([]byte("line\n"), 10000))
	if r := process(t, text, "run", "s.go"); r != (result{0, text, ""}) {
		t.Errorf("status %d, %d bytes, %s", r.status, len(r.out), r.err)
	}
}
