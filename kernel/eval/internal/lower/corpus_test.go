package lower

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the expected output of the corpus with the real compiler, and the list of what is refused")

const (
	corpusDir  = "../../testdata/corpus"
	refusedTxt = "testdata/refused.txt"
	outputMark = "\n// Output:\n"
	lineMark   = "//\t"
)

// outcome is what a run of a program gave.
type outcome struct {
	stdout string
	stderr string
	code   int
	late   bool
}

// text is the outcome as it stands in a corpus file.
func (o outcome) text() string {
	s := o.stdout
	if o.code != 0 {
		if s != "" && !strings.HasSuffix(s, "\n") {
			s += "\n"
		}
		s += fmt.Sprintf("exit status %d\n", o.code)
	}
	return s
}

// execute runs a command with a time limit.
func execute(t testing.TB, limit time.Duration, env []string, name string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.WaitDelay = time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	o := outcome{stdout: stdout.String(), stderr: stderr.String(), late: ctx.Err() != nil}
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		o.code = exit.ExitCode()
	case err != nil && !o.late:
		t.Fatal(err)
	}
	return o
}

// interpret runs a file in a child process.
func interpret(t testing.TB, name string) outcome {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return execute(t, 60*time.Second, []string{runVariable + "=" + name}, self)
}

// TestCorpus holds that each program of the corpus gives what the compiler
// makes of it, or is refused: and which are refused is written down.
func TestCorpus(t *testing.T) {
	if raceDetector {
		t.Skip("goroutines of interpreted code note their place without a lock")
	}
	names, err := filepath.Glob(filepath.Join(corpusDir, "*.go"))
	if err != nil || len(names) < 150 {
		t.Fatalf("%d programs, %v", len(names), err)
	}
	if *update {
		updateCorpus(t, names)
	}
	var mu sync.Mutex
	why := map[string]string{}
	t.Run("programs", func(t *testing.T) {
		for _, name := range names {
			base := strings.TrimSuffix(filepath.Base(name), ".go")
			t.Run(base, func(t *testing.T) {
				t.Parallel()
				o := interpret(t, name)
				if o.code == exitRefused {
					mu.Lock()
					defer mu.Unlock()
					why[base] = firstLine(o.stderr)
					return
				}
				compare(t, name, o)
			})
		}
	})
	var b strings.Builder
	for _, name := range names {
		base := strings.TrimSuffix(filepath.Base(name), ".go")
		if why[base] != "" {
			fmt.Fprintf(&b, "%s\t%s\n", base, why[base])
		}
	}
	if *update {
		if err := os.WriteFile(refusedTxt, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(refusedTxt)
	if err != nil || string(want) != b.String() {
		t.Errorf("refused now (%v):\n%s\nin %s:\n%s", err, b.String(), refusedTxt, want)
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

func compare(t *testing.T, name string, o outcome) {
	t.Helper()
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	_, block, ok := strings.Cut(string(src), outputMark)
	if !ok {
		t.Fatal("no expected output; go test -update writes it")
	}
	var want strings.Builder
	for _, line := range strings.SplitAfter(block, "\n") {
		want.WriteString(strings.TrimPrefix(strings.TrimPrefix(line, "//"), "\t"))
	}
	if got := o.text(); trimmed(got) != trimmed(want.String()) || o.late {
		t.Errorf("late %v, got:\n%s\nwant:\n%s\nstderr:\n%s", o.late, got, want.String(), o.stderr)
	}
}

// trimmed is text without the blanks at the ends of lines, which gofmt takes out
// of comments.
func trimmed(s string) string {
	lines := strings.Split(strings.Trim(s, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \t")
	}
	return strings.Join(lines, "\n")
}

// updateCorpus compiles and runs every program and writes its output into it.
func updateCorpus(t *testing.T, names []string) {
	dir := t.TempDir()
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		program, _, _ := strings.Cut(string(src), outputMark)
		exe := filepath.Join(dir, "program")
		if o := execute(t, time.Minute, nil, "go", "build", "-o", exe, name); o.code != 0 {
			t.Errorf("%s: %s", name, o.stderr)
			continue
		}
		o := execute(t, time.Minute, nil, exe)
		var b strings.Builder
		b.WriteString(strings.TrimRight(program, "\n") + "\n" + outputMark)
		for _, line := range strings.SplitAfter(strings.TrimRight(o.text(), "\n")+"\n", "\n") {
			if line != "" {
				b.WriteString(strings.TrimRight(lineMark+line, " \t\n") + "\n")
			}
		}
		if err := os.WriteFile(name, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
