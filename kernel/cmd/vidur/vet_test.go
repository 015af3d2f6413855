package main

import (
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/govidur/govidur/kernel/eval"
	"github.com/govidur/govidur/vidur/vidurtest"
)

func TestVet(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "good.go", "package main\n\nfunc main() { panic(\"is not run\") }\n")
	write(t, "bad.go", "package main\n\nimport \"os\"\n\nfunc main() {\n\tx := 1\n\tvar y string = 2\n}\n")
	write(t, "syntax.go", "package main\n\nfunc main() { if }\n")
	write(t, "exec.go", "package main\n\nimport \"os/exec\"\n\nfunc main() { _ = exec.Command(\"true\").Run() }\n")
	write(t, "refused.go", "package main\n\nimport (\"fmt\"; \"reflect\")\n\ntype t struct{ a int }\n\nfunc main() { fmt.Println(reflect.TypeOf(t{})) }\n")
	write(t, "dot.go", "package main\n\nimport . \"fmt\"\n\nfunc main() { Println() }\n")
	for args, want := range map[string]struct {
		status   int
		out, err string // regular expressions
	}{
		"vet good.go":                 {0, `^good\.go: nothing is wrong\n$`, `^$`},
		"vet bad.go":                  {1, `^$`, `(?s)bad\.go:3:8: "os" imported and not used\n    import "os"\n           \^\n`},
		"vet good.go syntax.go":       {1, `^good\.go: nothing is wrong\n$`, `^syntax\.go:3:\d+: `},
		"vet bad.go good.go":          {1, `^good\.go: nothing is wrong\n$`, `^bad\.go:`},
		"vet exec.go":                 {1, `^$`, `--unrestricted`},
		"vet --unrestricted exec.go":  {0, `nothing is wrong`, `^$`},
		"vet refused.go":              {1, `^$`, `(?s)^refused\.go:7:\d+: .*--compile runs it.*\^\nrefused\.go: right, but not interpreted as it is compiled: vidur run --compile refused\.go\n$`},
		"vet dot.go":                  {1, `^$`, `^dot\.go:3:8: .*--compile runs it`},
		"vet":                         {2, `^$`, `^vidur: which scripts\?`},
		"vet none.go":                 {2, `^$`, `^vidur: open none\.go: `},
		"vet --laws good.go":          {2, `^$`, `^vidur: good\.go: no policy`},
		"vet --laws bad.go":           {1, `^$`, `bad\.go:3:8: `},
		"vet --laws --runs 0 good.go": {2, `^$`, `runs is 0`},
		"vet -unrestricted bad.go":    {1, `^$`, `(?s)bad\.go:3:8: .*bad\.go:6:2: declared and not used: x\n.*bad\.go:7:17: cannot use 2`},
	} {
		r := process(t, "", strings.Fields(args)...)
		if r.status != want.status || !regexp.MustCompile(want.out).MatchString(r.out) || !regexp.MustCompile(want.err).MatchString(r.err) {
			t.Errorf("%s: %+v, want %+v", args, r, want)
		}
	}
}

// planted are policies with one mistake each, and what finds it.
var planted = []struct {
	file, flags, policy, law string
	requests                 int // most in the smallest workload
}{
	{"leak.go", "", "newLeaky", `law "memory" broken at t=.* KV blocks are in use by`, 2},
	{"starve.go", "", "picky", `request \d+ with a prompt of 13 tokens can never be scheduled`, 1},
	{"overcommit.go", "--paged", "newGreedy", `law "memory" broken`, 1},
	{"router.go", "--policy newThief", "newThief", `the router panicked: it changed the cluster`, 3},
	{"panics.go", "", "nervous", `the scheduler panicked: two are too many`, 2},
	{"hangs.go", "", "endless", `.`, 2},
}

// TestLawsFindMistakes: each planted mistake is found in a small workload, twice
// the same, and the command that is printed shows it again.
func TestLawsFindMistakes(t *testing.T) {
	for _, p := range planted {
		t.Run(p.file, func(t *testing.T) {
			file := filepath.Join("testdata", "laws", p.file)
			args := append(append([]string{"vet", "--laws"}, strings.Fields(p.flags)...), file)
			r := process(t, "", args...)
			if r.status != exitFailed || !regexp.MustCompile(`^\S+`+regexp.QuoteMeta(p.file+": "+p.policy)+`: .*`+p.law).MatchString(r.out) || r.err != "" {
				t.Fatalf("%+v", r)
			}
			if n := strings.Count(r.out, "{At: "); n < 1 || n > p.requests {
				t.Errorf("%d requests in the smallest workload: %s", n, r.out)
			}
			_, again, ok := strings.Cut(r.out, "again:  vidur ")
			if !ok {
				t.Fatalf("not how to see it again: %s", r.out)
			}
			if s := process(t, "", strings.Fields(again)...); s != r {
				t.Errorf("again it is\n%+v\nand was\n%+v", s, r)
			}
		})
	}
}

func TestLawsHold(t *testing.T) {
	file := filepath.Join("testdata", "laws", "router.go")
	if r := process(t, "", "vet", "--laws", "--policy", "honest", "--runs", "50", file); r != (result{0, file + ": honest: 50 random workloads, all laws hold\n", ""}) {
		t.Errorf("%+v", r)
	}
	r := process(t, "", "vet", "--laws", "--policy", "onest", file)
	if r.status != exitBad || !strings.Contains(r.err, `unknown policy "onest"; near: honest`) {
		t.Errorf("%+v", r)
	}
	if r := process(t, "", "vet", "--laws", "--runs", "50", file); r.status != exitFailed || strings.Count(r.out, file+": ") != 2 {
		t.Errorf("not both of them: %+v", r)
	}
}

// TestLawFlags: the flags say in Go what they mean, and again what they were.
func TestLawFlags(t *testing.T) {
	l := lawFlags{on: true, policy: "p", runs: 300, seed: 7, blockSize: 16, maxPP: 2, fcfs: true, paged: true, mayIdle: true, ownQueues: true}
	for _, part := range []string{"OneAtATime()", "Runs(300)", "Seed(7)", "BlockSize(16)", "MaxPP(2)", "FirstComeFirstServed()", "Paged()", "MayIdle()", "OwnQueues()"} {
		if !strings.Contains(l.options(), "vidurtest."+part) {
			t.Errorf("no %s in %s", part, l.options())
		}
	}
	if got, want := l.again(), " --block-size 16 --fcfs --max-pp 2 --may-idle --own-queues --paged --seed 7"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := (&lawFlags{on: true, runs: 300, seed: 1}).again(); got != "" {
		t.Errorf("%q", got)
	}
}

func TestDescribeFailure(t *testing.T) {
	f := &vidurtest.Failure{Err: errors.New("first\nsecond"), Script: "replica\nrun\n"}
	got := (&lawFlags{runs: 300, seed: 1}).describe(f, eval.Policy{Name: "p"}, "s.go")
	want := "first; second\n\n    replica\n    run\n\n    in Go:  " + f.Case.String() + "\n    again:  vidur vet --laws --policy p s.go\n"
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
