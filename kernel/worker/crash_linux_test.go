package worker_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/govidur/govidur/kernel/server"
	"github.com/govidur/govidur/kernel/worker"
)

const crashImports = "import (\"os\"; \"os/exec\"; \"time\"; \"fmt\"; \"strings\")\nfunc f() int { return 6 }\nv := 1"

// What would end a program of its own is an error of the cell, and its variables
// stay.
func TestEndsOfPrograms(t *testing.T) {
	for name, c := range map[string]struct{ code, kind, want string }{
		"panic in a goroutine":     {"go func() { panic(\"oh\") }()\nselect {}", "panic", "panic: oh"},
		"nil map in a goroutine":   {"go func() { var m map[int]int; m[1] = 1 }()\nfor {\n}", "panic", "nil map"},
		"endless recursion":        {"var g func(int) int\ng = func(n int) int { return g(n+1) + 1 }\ng(0)", "panic", "stack overflow"},
		"recursion in a goroutine": {"var h func(int) int\nh = func(n int) int { return h(n+1) + 1 }\ngo func() { h(0) }()\nselect {}", "panic", "stack overflow"},
		"exit":                     {"os.Exit(3)", "exit", "exit status 3"},
		"exit in a goroutine":      {"go func() { os.Exit(3) }()\nselect {}", "exit", "exit status 3"},
		"panic while it waits":     {"go func() { time.Sleep(50*time.Millisecond); panic(\"late\") }()\n<-make(chan int)", "panic", "late"},
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t, worker.Options{})
			b.is(crashImports, "")
			pid := b.PID()
			b.fails("fmt.Println(1)\n"+c.code, c.kind, c.want)
			b.is("f() + v", "=7")
			if b.PID() != pid {
				t.Error("the process is another one")
			}
		})
	}
}

// A goroutine that panics when its cell is over is told to the next one.
func TestLatePanic(t *testing.T) {
	b := start(t, worker.Options{})
	b.is(crashImports, "")
	out := &screen{}
	code := "go func() { time.Sleep(50*time.Millisecond); panic(\"oh\") }()"
	if o := b.Execute(t.Context(), server.Cell{Code: code, Name: "In[2]"}, out); o.Err != nil {
		t.Fatal(o.Err)
	}
	for end := time.Now().Add(10 * time.Second); !strings.Contains(out.text(), "panic: oh"); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%q", out.text())
		}
	}
	b.is("f() + v", "=7")
}

// Memory that the system does not give ends the process; the next cell runs.
func TestNoMemory(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector needs more address space than there is")
	}
	w, err := worker.Start(worker.Options{Command: []string{"sh", "-c", "ulimit -v 3000000; exec " + os.Args[0]}})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	b := &bench{w, t, 0}
	b.is(crashImports, "")
	failure := b.fails("var all [][]byte\nfor {\n\tpart := make([]byte, 1<<26)\n\tfor i := 0; i < len(part); i += 4096 {\n\t\tpart[i] = 1\n\t}\n\tall = append(all, part)\n}", "died", "lost: v")
	if !strings.Contains(failure.Value, "memory") {
		t.Errorf("%s", failure.Value)
	}
	b.is("f()", "=6")
}

// Processes that a cell left behind end with the one that runs the cells, unless
// they have taken themselves away; neither kind keeps the next cell from running.
func TestChildrenLeft(t *testing.T) {
	b := start(t, worker.Options{})
	b.is(crashImports, "")
	got, failure := b.do("for range 30 { c := exec.Command(\"sleep\", \"1000\"); c.Stdout = os.Stdout; c.Start(); fmt.Println(c.Process.Pid) }\nc := exec.Command(\"setsid\", \"sleep\", \"1000\"); c.Stdout = os.Stdout; c.Start(); fmt.Print(c.Process.Pid)")
	pids := strings.Fields(got)
	if failure != nil || len(pids) != 31 {
		t.Fatalf("%q %v", got, failure)
	}
	b.fails("p, _ := os.FindProcess(os.Getpid())\np.Kill()\nselect {}", "died", "signal: killed")
	b.is("f()", "=6")
	for i, text := range pids {
		pid, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		if i == len(pids)-1 {
			syscall.Kill(pid, syscall.SIGKILL)
			continue
		}
		for end := time.Now().Add(5 * time.Second); alive(pid); time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d lives", pid)
			}
		}
	}
}

// slow is a screen that takes its time at first.
type slow struct {
	screen
	waits int
}

func (s *slow) Stream(name, text string) {
	if s.waits > 0 {
		s.waits--
		time.Sleep(300 * time.Millisecond)
	}
	s.screen.Stream(name, text)
}

// Pipes that are full make a cell wait, and nothing is lost.
func TestFullPipe(t *testing.T) {
	b := start(t, worker.Options{})
	b.is(crashImports, "")
	out := &slow{waits: 2}
	const lines = 40_000
	code := fmt.Sprintf("s := strings.Repeat(\"x\", 99)\nfor range %d { fmt.Println(s); }\nfmt.Fprint(os.Stderr, s)", lines)
	if o := b.Execute(t.Context(), server.Cell{Code: code, Name: "In[2]"}, out); o.Err != nil {
		t.Fatal(o.Err)
	}
	if got := len(out.text()); got != lines*100+100 {
		t.Errorf("%d bytes", got)
	}
}
