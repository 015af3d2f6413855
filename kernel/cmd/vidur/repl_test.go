package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const unixTerm = syscall.SIGTERM

// process runs the command as a process with an input.
func process(t *testing.T, input string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute) // what hangs fails
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), asVidur+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &out, &errs
	_ = cmd.Run() // its status is looked at
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

func TestReplFromAPipe(t *testing.T) {
	for name, c := range map[string]struct {
		input, out, err string
		status          int
	}{
		"nothing":    {"", "", "", 0},
		"blank":      {"\n\n  \n", "", "", 0},
		"values":     {"x := 20\nx + 1\nx + 2", "21\n22\n", "", 0},
		"blocks":     {"func f() int {\n\n\treturn 3\n}\nf()\n", "3\n", "", 0},
		"windows":    {"1 +\r\n2\r\n", "3\n", "", 0},
		"goes on":    {"x := 1\nx.y\nx\n", "1\n", "In[2]:1:3: x.y undefined", 1},
		"syntax":     {"1 +) 2\n5\n", "5\n", "In[1]:1:4:", 1},
		"unfinished": {"if true {\n1", "", "In[1]:", 1},
		"panics":     {"panic(\"no\")\n5\n", "5\n", "panic: no", 1},
		"exits":      {"os.Exit(4)\n5\n", "5\n", "exit status 4", 1},
		"again":      {"func f() int { return 1 }\nfunc g() int { return f() }\nfunc f() int { return 2 }\ng()\n", "2\n", "(compiled again: g)", 0},
		"vars":       {"x := 3\ntype T struct{}\n:vars\n", "T  type      T\nx  variable  int\n", "", 0},
		"reset":      {"x := 3\n:reset\nx\n", "", "undefined: x", 1},
		"doc":        {"?strings.ToUpper\n:doc nothing\n", "func strings.ToUpper(s string) string", `nothing is known of "nothing"`, 1},
		"ask":        {"func f() int { return 1 }\n??f\nf?\n?strings.ToUper\n", "func f() int { return 1 }\n\nIn[1]:1\n", `In[4]:1:2: unknown name "strings.ToUper"; near: strings.ToUpper`, 1},
		"measure":    {"%time 1 + 1\n", " allocated\n2\n", "", 0},
		"whole cell": {"%%time\nx := 2\nx * x\n\n5\n", " allocated\n4\n5\n", "", 0},
		"comment":    {"//vidur:env REPL_TEST=3\n%env REPL_TEST\n", "3\n", "", 0},
		"anew":       {"x := 1\n%reset\nx\n", "", "In[3]:1:1: undefined: x", 1},
		"nearest":    {"%tme 1\n", "", `In[1]:1:1: unknown command "tme"; near: time`, 1},
		"unknown":    {":hlep\n", "", `unknown command ":hlep"; near: :help`, 1},
		"time":       {":time 1 + 1\n", "2\n", " s\n", 0},
		"quit":       {"1\n:quit\n2\n", "1\n", "", 0},
		"help":       {":help\n", ":load FILE  the declarations", "", 0},
		"restricted": {"import \"os/exec\"\n", "", "--unrestricted", 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := process(t, c.input, "repl")
			if r.status != c.status || !strings.Contains(r.out, c.out) || !strings.Contains(r.err, c.err) ||
				c.out == "" && r.out != "" || c.err == "" && r.err != "" {
				t.Errorf("%+v, want %+v", r, c)
			}
		})
	}
}

// TestReplLoads loads a file on the command line and by a command.
func TestReplLoads(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.go")
	write(t, file, "package main\n\nfunc f() int { return 6 }\n\nfunc main() { println(\"main\") }\n")
	for _, r := range []result{process(t, "f() * 7\n", "repl", file), process(t, ":load "+file+"\nf() * 7\n", "repl")} {
		if r != (result{0, "42\n", ""}) {
			t.Errorf("%+v", r)
		}
	}
	if r := process(t, ":load none.go\n1\n", "repl"); r.status != 1 || r.out != "1\n" || !strings.Contains(r.err, "none.go: no such file") {
		t.Errorf("%+v", r)
	}
	if r := process(t, "", "repl", "--fly"); r.status != exitBad || !strings.Contains(r.err, "-fly") {
		t.Errorf("%+v", r)
	}
}

// TestKeys: Ctrl-C empties the line that it stands in and no other.
func TestKeys(t *testing.T) {
	k := &keys{from: strings.NewReader("one\rtwo\x03three\r\nfour")}
	k.indent = "  "
	var got strings.Builder
	for {
		buf := make([]byte, 32)
		n, err := k.Read(buf)
		if err == io.EOF {
			break
		}
		got.WriteString("[" + string(buf[:n]) + "]")
		if k.takeCleared() {
			got.WriteString("!")
		}
	}
	if want := "[  ][one\r][two][" + clearKeys + "]![three\r\n][four]"; got.String() != want {
		t.Errorf("%q, want %q", got.String(), want)
	}
}

func TestHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	h := readHistory(path)
	for _, line := range []string{"a", "a", " ", "b", "a"} {
		h.Add(line)
	}
	again := readHistory(path)
	if again.Len() != 3 || again.At(0) != "a" || again.At(1) != "b" || again.At(2) != "a" {
		t.Errorf("%q", again.lines)
	}
	write(t, path, strings.Repeat("x\ny\n", maxHistory+1))
	if h := readHistory(path); h.Len() != maxHistory || h.At(0) != "y" {
		t.Errorf("%d lines", h.Len())
	}
	if text, err := os.ReadFile(path); err != nil || strings.Count(string(text), "\n") != maxHistory {
		t.Errorf("the file was not cut: %v", err)
	}
	none := &history{}
	none.Add("a")
	if none.Len() != 1 {
		t.Error("without a file lines are not remembered")
	}
}

func TestColumns(t *testing.T) {
	words := []string{"a", "bb", "ccc", "d", "e"}
	if got, want := columns(words, 12), "a    d\nbb   e\nccc\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := columns(words, 1); strings.Count(got, "\n") != len(words) {
		t.Errorf("%q", got)
	}
	if got := columns(make([]string, maxListed+3), 80); !strings.Contains(got, "(3 more)") {
		t.Errorf("%q", got)
	}
	if got := commonPrefix([]string{"größe", "größer", "grün"}); got != "gr" {
		t.Errorf("%q", got)
	}
}
