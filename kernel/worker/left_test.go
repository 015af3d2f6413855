package worker_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/govidur/govidur/kernel/server"
	"github.com/govidur/govidur/kernel/worker"
)

// processorTime is how many ticks of the processor a process has taken, by Linux.
func processorTime(t *testing.T, pid int) (ticks int) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Skip(err)
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	var user, system int
	fmt.Sscan(fields[11], &user)
	fmt.Sscan(fields[12], &system)
	return user + system
}

// idle waits until a process takes no time any more.
func (b *bench) idle() {
	b.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; {
		before := processorTime(b.t, b.PID())
		time.Sleep(200 * time.Millisecond)
		if processorTime(b.t, b.PID())-before <= 1 {
			return
		}
		if time.Now().After(end) {
			b.t.Fatal("it works on")
		}
	}
}

// An interrupt ends what earlier cells left running, also when no cell runs, and
// keeps the variables.
func TestLeftEnds(t *testing.T) {
	for name, interrupt := range map[string]func(b *bench){
		"between cells": func(b *bench) { b.Interrupt() },
		"in a cell": func(b *bench) {
			b.interrupted("println(\"on\")\nfor {\n}")
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t, worker.Options{})
			b.is("x := 5\nfor range 4 {\n\tgo func() {\n\t\tfor {\n\t\t}\n\t}()\n}", "")
			pid := b.PID()
			interrupt(b)
			b.idle()
			b.is("x", "=5")
			b.is("done := make(chan int)\ngo func() { done <- 3 }()\n<-done", "=3")
			if b.PID() != pid {
				t.Error("the process is another one")
			}
		})
	}
}

// What does not end at an interrupt ends with its process, which another one
// replaces with what was declared.
func TestReplaced(t *testing.T) {
	b := start(t, worker.Options{})
	b.is("import (\"fmt\"; \"io\"; \"os\")\nv := 7\nfunc f() int { return 6 }", "")
	pid := b.PID()
	_, err := b.interrupted(blocks)
	if err == nil || err.Name != "interrupted" || !strings.Contains(strings.Join(err.Traceback, "\n"), "lost: ") {
		t.Fatalf("%+v", err)
	}
	b.is("f()", "=6")
	if b.PID() == pid || alive(pid) {
		t.Error("the process lives")
	}
	b.fails("v", "compile error", "its value was lost")
	if got, err := b.do("1"); err != nil || got != "=1" {
		t.Errorf("%q %v", got, err)
	}
}

// The front knows what is declared after every kind of cell that changes that.
func TestKnown(t *testing.T) {
	b := start(t, worker.Options{})
	b.is("func f() int { return 1 }\nconst k = 2", "")
	b.is("1", "=1")
	b.is("import str \"strings\"", "")
	b.do("func f() int { return len(str.ToUpper(\"abc\")) }")
	b.is("w := 3", "")
	b.is("f() + k + w", "=8")
	p, err := os.FindProcess(b.PID())
	if err != nil {
		t.Fatal(err)
	}
	p.Kill()
	for pid := b.PID(); b.PID() == pid && pid != 0; {
		time.Sleep(time.Millisecond)
	}
	got, failure := b.do("f() + k + len(str.ToLower(\"AB\"))")
	if failure != nil || !strings.HasSuffix(got, "=7") || !strings.Contains(got, "lost: w") {
		t.Errorf("%q %v", got, failure)
	}
}

// A method of a value that panics when it is shown is an error with its place.
func TestShownPanics(t *testing.T) {
	b := start(t, worker.Options{})
	b.is("type odd struct{}\nfunc (odd) String() string {\n\tvar m map[int]int\n\tm[1] = 1\n\treturn \"\"\n}", "")
	o := b.Execute(t.Context(), server.Cell{Code: "odd{}", Name: "In[2]"}, &screen{})
	t.Logf("%+v", o)
	if o.Err == nil && (o.Result == nil || !strings.Contains(fmt.Sprint(o.Result.Data["text/plain"]), "nil map")) {
		t.Errorf("%+v", o)
	}
	b.is("1", "=1")
}
