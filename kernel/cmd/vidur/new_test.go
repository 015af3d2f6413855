package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"go/format"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/kernel/eval"
)

// TestNew writes each kind of file: it is formatted, nothing is wrong with it,
// its policy keeps the laws, and it prints a table, interpreted.
func TestNew(t *testing.T) {
	for _, kind := range []string{"scheduler", "router", "workload"} {
		t.Run(kind, func(t *testing.T) {
			t.Chdir(t.TempDir())
			r := good(t, "new", kind, "my-own_2")
			if r.out != "my-own_2.go; now: vidur run my-own_2.go\n" {
				t.Errorf("%+v", r)
			}
			text, err := os.ReadFile("my-own_2.go")
			if err != nil {
				t.Fatal(err)
			}
			if nice, err := format.Source(text); err != nil || !bytes.Equal(nice, text) {
				t.Errorf("it is not formatted: %v", err)
			}
			if !bytes.Contains(text, []byte("type myOwn2 struct")) || bytes.Contains(text, []byte("olicyName")) || bytes.Contains(text, []byte("file-name")) {
				t.Errorf("the name is not filled in: %s", text)
			}
			if r := process(t, "", "vet", "my-own_2.go"); r.status != 0 {
				t.Errorf("%+v", r)
			}
			r = process(t, "", "run", "my-own_2.go")
			if r.status != 0 || r.err != "" || !regexp.MustCompile(`^`+kind+` .*TTFT P99 \(s\).*\n\w+ .*\d\n`+`my-own_2 .*\d\n$`).MatchString(r.out) {
				t.Errorf("%+v", r)
			}
			if kind == "workload" {
				return
			}
			if r := process(t, "", "vet", "--laws", "--runs", "60", "my-own_2.go"); r.status != 0 || !strings.Contains(r.out, "newMyOwn2: 60 random workloads, all laws hold") {
				t.Errorf("%+v", r)
			}
		})
	}
}

// TestNewCompiles: compiled they print the same and simulate the same.
func TestNewCompiles(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command")
	}
	cache(t)
	t.Chdir(t.TempDir())
	for _, kind := range []string{"scheduler", "router", "workload"} {
		good(t, "new", kind, kind+"x")
		r := process(t, "", "run", "--check", kind+"x.go")
		if r.status != 0 || !strings.Contains(r.out, "interpreted equals compiled") || !strings.Contains(r.out, " 2 simulations, ") {
			t.Errorf("%s: %+v", kind, r)
		}
	}
}

// notebookFile is a file of nbformat 4.
type notebookFile struct {
	Cells []struct {
		ID       string
		Type     string `json:"cell_type"`
		Source   []string
		Outputs  []any
		Metadata map[string]any
	}
	Metadata struct {
		Kernel struct{ Name, Language string } `json:"kernelspec"`
	}
	Format int `json:"nbformat"`
	Minor  int `json:"nbformat_minor"`
}

// TestNewNotebook looks at the form of the notebook and runs its cells.
func TestNewNotebook(t *testing.T) {
	t.Chdir(t.TempDir())
	good(t, "new", "notebook", "first.ipynb")
	text, err := os.ReadFile("first.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	var book notebookFile
	if err := json.Unmarshal(text, &book); err != nil {
		t.Fatal(err)
	}
	if book.Format != 4 || book.Minor != 5 || book.Metadata.Kernel.Name != "vidur" {
		t.Errorf("%+v", book)
	}
	if out := runCells(t, book); !regexp.MustCompile(`^scheduler .*\nsarathi .*\nfirst .*\n$`).MatchString(out) {
		t.Errorf("it prints %s", out)
	}
}

// runCells runs the cells of a notebook in a session and returns what they print.
func runCells(t *testing.T, book notebookFile) string {
	t.Helper()
	s, err := eval.New(eval.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create("printed")
	if err != nil {
		t.Fatal(err)
	}
	defer func(old *os.File) { os.Stdout = old }(os.Stdout)
	os.Stdout = f
	var ids []string
	for _, c := range book.Cells {
		if !regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`).MatchString(c.ID) || slices.Contains(ids, c.ID) || len(c.Outputs) > 0 {
			t.Errorf("cell %+v", c)
		}
		ids = append(ids, c.ID)
		code := strings.Join(c.Source, "")
		if c.Type != "code" {
			continue
		}
		if _, err := s.Eval(context.Background(), eval.Source{Name: c.ID, Code: code}); err != nil || strings.Contains(code, "olicyName") {
			t.Errorf("%s: %v", code, err)
		}
	}
	text, err := os.ReadFile("printed")
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestNewRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "here.go", "mine")
	for args, want := range map[string]string{
		"new":                                      "vidur new scheduler|router|workload|notebook NAME",
		"new scheduler":                            "vidur new scheduler",
		"new scheduler a b":                        "vidur new scheduler",
		"new shceduler a":                          `unknown kind of file "shceduler"; near: scheduler`,
		"new scheduler here":                       "here.go is there already; nothing is overwritten",
		"new scheduler here.go":                    "here.go is there already",
		"new scheduler ../up":                      "letters, digits",
		"new scheduler 9lives":                     "letters, digits",
		"new scheduler a--b":                       "letters, digits",
		"new scheduler größe":                      "letters, digits",
		"new scheduler .hidden":                    "letters, digits",
		"new scheduler -x":                         "letters, digits",
		"new scheduler my_test":                    "for tests",
		"new scheduler func":                       "func is something else",
		"new scheduler string":                     "string is something else",
		"new scheduler vidur":                      "vidur is something else",
		"new scheduler rep":                        "rep is something else",
		"new scheduler sarathi":                    "sarathi is something else",
		"new router round_robin":                   "something else",
		"new scheduler " + strings.Repeat("x", 65): "at most 64",
	} {
		if r := do(strings.Fields(args)...); r.status != exitBad || r.out != "" || !strings.Contains(r.err, want) {
			t.Errorf("%s: %+v, want %q", args, r, want)
		}
	}
	if left := tree(t, "."); len(left) != 1 || left["here.go"] != "mine" {
		t.Errorf("left %q", names(left))
	}
}
