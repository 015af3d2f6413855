package main

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// asVidur makes the test binary be the command: some tests run it as a process.
const asVidur = "BE_VIDUR"

func TestMain(m *testing.M) {
	if os.Getenv(asVidur) != "" {
		main()
	}
	os.Exit(m.Run())
}

// result is what a run of the command did.
type result struct {
	status   int
	out, err string
}

func do(args ...string) result {
	var out, err bytes.Buffer
	status := run(context.Background(), args, streams{&out, &err})
	return result{status, out.String(), err.String()}
}

// good runs the command, which must succeed.
func good(t *testing.T, args ...string) result {
	t.Helper()
	r := do(args...)
	if r.status != 0 || r.err != "" {
		t.Fatalf("%q: status %d, %s", args, r.status, r.err)
	}
	return r
}

// tree lists the files in dir, hidden ones too, with their contents.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		if e.IsDir() {
			files[name+"/"] = ""
			return nil
		}
		text, err := os.ReadFile(path)
		files[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func names(files map[string]string) []string {
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestVerbs(t *testing.T) {
	for _, args := range [][]string{nil, {"help"}, {"-h"}, {"--help"}} {
		if r := good(t, args...); !strings.Contains(r.out, "vidur simulate") {
			t.Errorf("%q: %s", args, r.out)
		}
	}
	for _, arg := range []string{"version", "--version"} {
		if r := good(t, arg); !strings.HasPrefix(r.out, "github.com/govidur/govidur (") || !strings.Contains(r.out, "\n"+runtime.Version()+" ") {
			t.Errorf("%s: %s", arg, r.out)
		}
	}
	for args, want := range map[string]string{
		"simulat": `unknown verb "simulat"; near: simulate`,
		"fly":     `unknown verb "fly"; known: simulate`,
		"--tp":    `unknown verb "--tp"`,
	} {
		if r := do(args); r.status != 2 || r.out != "" || !strings.Contains(r.err, want) {
			t.Errorf("%s: %+v, want %q", args, r, want)
		}
	}
}

func TestHelp(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, flag := range []string{"--help", "-h"} {
		r := good(t, "simulate", "--tp", "2", flag)
		for _, p := range append(params(), "config", "json", "no-files", "quiet", "help") {
			if !strings.Contains(r.out, "\n  --"+p+" ") {
				t.Errorf("no --%s in the help", p)
			}
		}
		for line := range strings.Lines(r.out) {
			if n := len([]rune(line)); n > 81 {
				t.Errorf("a line of %d characters: %s", n, line)
			}
		}
	}
	if left := tree(t, "."); len(left) > 0 {
		t.Errorf("help leaves %q", names(left))
	}
}
