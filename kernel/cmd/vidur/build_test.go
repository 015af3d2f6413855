package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/govidur/govidur/kernel/eval"
)

// cache makes a directory the user's cache, and keeps the toolchain's own.
func cache(t *testing.T) string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the cache is elsewhere")
	}
	goCache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Skip("no go command")
	}
	dir := t.TempDir()
	t.Setenv("GOCACHE", strings.TrimSpace(string(goCache)))
	t.Setenv("XDG_CACHE_HOME", dir)
	return filepath.Join(dir, "vidur", "scripts")
}

// TestCompile builds once, and again only if something has changed.
func TestCompile(t *testing.T) {
	dir := cache(t)
	t.Chdir(t.TempDir())
	write(t, "go.mod", "module own // beside github.com/govidur/govidur, which may change while this runs\n")
	write(t, "s.go", "package main\n\nimport (\"fmt\"; \"os\")\n\nfunc main() {\n\tfmt.Println(8, os.Args[1:])\n\tif len(os.Args) > 2 {\n\t\tos.Exit(3)\n\t}\n}\n")
	if r := process(t, "", "run", "--compile", "s.go", "a"); r != (result{0, "8 [a]\n", ""}) {
		t.Fatalf("%+v", r)
	}
	built := tree(t, dir)
	if len(built) != 1 {
		t.Errorf("built %q", names(built))
	}
	if r := process(t, "", "run", "--compile", "s.go", "a", "b"); r != (result{3, "8 [a b]\n", ""}) {
		t.Errorf("%+v", r)
	}
	if len(names(tree(t, dir))) != 1 {
		t.Error("it was built again")
	}
	if r := process(t, "", "run", "--check", "s.go", "a"); r.status != 0 || !strings.Contains(r.out, "s.go: interpreted equals compiled: 6 bytes of output, 0 simulations") {
		t.Errorf("%+v", r)
	}
	write(t, "s.go", "package main\n\nfunc main() {\n\tprintln(\"new\")\n}\n")
	if r := process(t, "", "run", "--compile", "s.go"); r != (result{0, "", "new\n"}) {
		t.Errorf("%+v", r)
	}
	if len(names(tree(t, dir))) != 2 {
		t.Error("it was not built again")
	}
}

// TestCompileFails: what the toolchain says has the places of the script, and
// what cannot be built is said.
func TestCompileFails(t *testing.T) {
	dir := cache(t)
	t.Chdir(t.TempDir())
	for code, want := range map[string]result{
		"package main\n\nfunc main() {\n\tx := 1\n}\n": {1, "", "s.go:4:2: declared and not used: x\n    \tx := 1\n    \t^\n"},
		"package main\n\nfunc main() {\n\tx :=\n}\n":   {1, "", "s.go:5:1: syntax error: unexpected }, expected expression\n    }\n    ^\n"},
		"1 + 1\n": {2, "", "vidur: --compile builds whole files, and s.go does not begin with a package clause; without --compile it is interpreted\n"},
		"package main\n\nimport _ \"no/such\"\n\nfunc main() {}\n": {1, "", "s.go:3:8: package no/such is not in std"},
	} {
		write(t, "s.go", code)
		r := process(t, "", "run", "--compile", "s.go")
		if r.status != want.status || r.out != "" || !strings.HasPrefix(r.err, want.err) {
			t.Errorf("%q: %+v, want %+v", code, r, want)
		}
	}
	if left := tree(t, dir); len(left) > 0 {
		t.Errorf("left %q", names(left))
	}
}

// TestWithoutToolchain: only what needs one says so.
func TestWithoutToolchain(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("PATH", t.TempDir())
	write(t, "s.go", "package main\n\nfunc main() { println(1) }\n")
	if r := process(t, "", "run", "s.go"); r != (result{0, "", "1\n"}) {
		t.Errorf("%+v", r)
	}
	if r := process(t, "", "vet", "s.go"); r.status != 0 {
		t.Errorf("%+v", r)
	}
	for _, flag := range []string{"--compile", "--check"} {
		r := process(t, "", "run", flag, "s.go")
		if r.status != exitBad || r.out != "" || !strings.Contains(r.err, "needs the Go toolchain") {
			t.Errorf("%s: %+v", flag, r)
		}
	}
}

// TestCompiledIsEnded: neither a time limit nor the end of the command leaves the
// program behind.
func TestCompiledIsEnded(t *testing.T) {
	cache(t)
	t.Chdir(t.TempDir())
	write(t, "s.go", endless)
	r := process(t, "", "run", "--compile", "--timeout", "5s", "s.go")
	if r.status != exitFailed || r.err != "go\ns.go: stopped: the time limit has passed\n" {
		t.Errorf("%+v", r)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := runCompiled(ctx, eval.Source{Name: "s.go", Code: endless}, nil, streams{os.Stdout, os.Stderr})
	if err == nil {
		t.Error("a command that is over runs a script")
	}
}

// TestDiffers: a script that can tell is found out.
func TestDiffers(t *testing.T) {
	for want, p := range map[string][2]outcome{
		"":                                      {{out: "a\n"}, {out: "a\n", err: "other"}},
		"exit status 1 interpreted, 0 compiled": {{}, {status: 1}},
		"line 2 of the output":                  {{out: "a\nb\n"}, {out: "a\nc\n"}},
		"the events of the 1 and 2 simulations": {{digests: []string{"a 1", "b 2"}}, {digests: []string{"a 1"}}},
	} {
		if got := p[0].differs(&p[1]); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if n := (&outcome{digests: []string{"af 10", "be 7", "broken"}}).events(); n != 17 {
		t.Errorf("%d events", n)
	}
}

func TestCheckFindsADifference(t *testing.T) {
	cache(t)
	t.Chdir(t.TempDir())
	write(t, "t.go", "package main\n\nimport (\"fmt\"; \"os\")\n\nfunc main() {\n\tfmt.Println(\"same\")\n\tfmt.Println(os.Executable())\n}\n")
	r := process(t, "", "run", "--check", "t.go")
	if r.status != exitFailed || !strings.Contains(r.err, "t.go: interpreted and compiled differ: line 2 of the output is") {
		t.Errorf("%+v", r)
	}
}

// TestCheckForms checks a script that is no file, one that fails both ways, and
// one that does not end.
func TestCheckForms(t *testing.T) {
	cache(t)
	t.Chdir(t.TempDir())
	args := "package main\n\nimport (\"fmt\"; \"os\")\n\nfunc main() {\n\tfmt.Println(os.Args[1:], len(os.Args[0]) > 0)\n\tos.Exit(4)\n}\n"
	if r := process(t, args, "run", "--check", "-", "a"); r.status != 0 || !strings.Contains(r.out, "stdin: interpreted equals compiled: 9 bytes of output, 0 simulations, 0 events, exit status 4") {
		t.Errorf("%+v", r)
	}
	write(t, "s.go", endless)
	if r := process(t, "", "run", "--check", "--timeout", "4s", "s.go"); r.status != exitFailed || !strings.Contains(r.err, "the time limit has passed") {
		t.Errorf("%+v", r)
	}
	if r := process(t, "", "run", "--check", "none.go"); r.status != exitBad {
		t.Errorf("%+v", r)
	}
}
