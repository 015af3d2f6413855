// Package scripts holds Go files to start from, each a program of its own. Its
// test runs every one of them interpreted, compiled and as a cell of a session,
// and compares what they print.
package scripts

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govidur/govidur/kernel/eval"
	"github.com/govidur/govidur/kernel/nb"
)

// asCell is the variable that makes the test binary run a script as a cell.
const asCell = "VIDUR_TEST_CELL"

func TestMain(m *testing.M) {
	if file := os.Getenv(asCell); file != "" {
		os.Exit(runCell(file))
	}
	os.Exit(m.Run())
}

// runCell evaluates a script in a session in which other cells went before, two
// times: a notebook's reader runs a cell again.
func runCell(file string) int {
	code, err := os.ReadFile(file)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	s, err := eval.New(eval.Options{NoPlaces: raceDetector})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer nb.SetHost(&nb.Host{Context: s.Context, Fail: s.Fail, Exit: s.Exit, Params: map[string]string{}})()
	cells := []string{"p := 3\ntype sarathi int\nfunc newVLLM() int { return p }", string(code), string(code)}
	if raceDetector {
		cells = cells[:2]
	}
	for _, cell := range cells {
		if _, err := s.Eval(context.Background(), eval.Source{Name: "In", Code: cell}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return 0
}

// output runs a command and returns what it prints.
func output(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(name), strings.Join(args, " "), err, errs.String())
	}
	return out.String()
}

func TestScripts(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	vidur := filepath.Join(dir, "vidur")
	output(t, nil, "go", "build", "-o", vidur, "../kernel/cmd/vidur")
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		t.Run(file, func(t *testing.T) {
			bin := filepath.Join(dir, strings.TrimSuffix(file, ".go"))
			output(t, nil, "go", "build", "-o", bin, file)
			compiled := output(t, nil, bin)
			if compiled == "" {
				t.Error("it prints nothing")
			}
			if raceDetector { // which slows the interpreter most: once is enough
				output(t, []string{asCell + "=" + file}, os.Args[0])
				return
			}
			if got := output(t, nil, vidur, "run", file); got != compiled {
				t.Errorf("interpreted it prints\n%s\ncompiled\n%s", got, compiled)
			}
			if got := output(t, []string{asCell + "=" + file}, os.Args[0]); got != compiled+compiled {
				t.Errorf("as a cell, twice, it prints\n%s\ncompiled\n%s", got, compiled)
			}
			lines(t, file)
		})
	}
}

// lines checks that a script can be read in one look.
func lines(t *testing.T, file string) {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(b, []byte("\n")); n >= 100 {
		t.Errorf("it has %d lines", n)
	}
}
