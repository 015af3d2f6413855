package main

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// waits are cells that go on for ever, and whether an interrupt of them leaves the
// variables as they are; where it does not, the reply says so.
var waits = []struct {
	name, code string
	keeps      bool
}{
	{"loop", "for {\n}", true},
	{"receive", "<-make(chan int)", true},
	{"send", "make(chan int) <- 1", true},
	{"select", "select {}", true},
	{"select of two", "a, b := make(chan int), make(chan int)\nselect {\ncase <-a:\ncase b <- 1:\n}", true},
	{"range over a channel", "for range make(chan int) {\n}", true},
	{"recursion", "var f func(n int) int\nf = func(n int) int { if n == 0 { return 0 }; return f(n-1) }\nfor { f(100) }", true},
	{"prints", `for i := 0; ; i++ { fmt.Println("line", i) }`, true},
	{"displays", `for i := 0; ; i++ { nb.Display(i) }`, true},
	{"simulation", "e := spec.Default()\ne.Requests = 100_000_000\nrun, err := e.Build()\nnb.Check(err)\nrun.Simulate(nb.Context())", true},
	{"sweep", "e := spec.Default()\ne.Requests = 1_000_000\nsearch.Sweep(nb.Context(), e, search.Over(\"chunk\", 256, 512, 1024))", true},
	{"sleep", "time.Sleep(time.Hour)", true},
	{"mutex", "var m sync.Mutex\nm.Lock()\nm.Lock()", true},
	{"wait group", "var w sync.WaitGroup\nw.Add(1)\nw.Wait()", true},
	{"sort", "x := make([]int, 1<<28)\nsort.Sort(sort.Reverse(sort.IntSlice(x)))", false},
	{"regexp", `regexp.MustCompile("(x+x+)+y").MatchString(strings.Repeat("x", 1<<28))`, false},
}

// Every cell ends when it is interrupted, and says what is lost by that.
func TestKernelInterrupts(t *testing.T) {
	k := startKernel(t, "tcp")
	c := connectKernel(t, k)
	head := `import ("fmt"; "sync"; "time"; "sort"; "strings"; "regexp"; "github.com/govidur/govidur/kernel/nb"; "github.com/govidur/govidur/vidur/search"; "github.com/govidur/govidur/vidur/spec")`
	c.good(head)
	for _, w := range waits {
		var shown, replied []time.Duration
		kept := true
		for range soak(1, 10) {
			c.good("kept := 41")
			id := c.postCell(w.code)
			c.await("its start", func(m said) bool { return m.kind == "execute_input" && m.parent == id })
			time.Sleep(150 * time.Millisecond) // for it to be where it goes on for ever
			begun := time.Now()
			c.reply(c.control, c.post(c.control, "interrupt_request", map[string]any{}))
			c.await("the error", func(m said) bool { return m.kind == "error" && m.parent == id })
			shown = append(shown, time.Since(begun))
			reply := c.reply(c.shell, id)
			replied = append(replied, time.Since(begun))
			if reply.content["ename"] != "interrupted" {
				t.Fatalf("%s: %v", w.name, reply.content)
			}
			lost := c.value("kept") != "41"
			if lost && !strings.Contains(traceback(reply), "lost: ") {
				t.Errorf("%s: it does not say that variables are lost: %s", w.name, traceback(reply))
			}
			kept = kept && !lost
			c.forget()
		}
		if w.keeps && !kept {
			t.Errorf("%s: variables are lost", w.name)
		}
		t.Logf("%-22s shown after %4.0f ms (p50) %4.0f ms (max), replied after %4.0f ms (p50) %4.0f ms (max), variables kept: %v",
			w.name, percentile(shown, 0.5), percentile(shown, 1), percentile(replied, 0.5), percentile(replied, 1), kept)
	}
}

// deaths are cells that end the process that runs cells, and what the error says.
var deaths = []struct{ name, code, want string }{
	{"goroutine panics", "go func() { panic(\"gone\") }()\nselect {}", "gone"},
	{"nil map in a goroutine", "var m map[int]int\ngo func() { m[1] = 2 }()\nselect {}", "nil map"},
	{"stack overflow", "func deep(n int) int { return deep(n+1) + 1 }\ndeep(0)", "deep"},
	{"concurrent map write", "m := map[int]int{}\nfor range 8 { go func() { for { m[1]++ } }() }\nselect {}", "map"},
	{"too much memory", "x := make([]byte, 1<<46)\nlen(x)", "memory"},
	{"exit in a goroutine", "go os.Exit(3)\nselect {}", "exit"},
}

// Whatever happens to the process of the cells, the cell says so and the next one
// runs.
func TestKernelSurvivesDeaths(t *testing.T) {
	k := startKernel(t, "tcp")
	c := connectKernel(t, k)
	c.good(`import "os"` + "\nfunc six() int { return 6 }")
	for range soak(1, 3) {
		for _, d := range deaths {
			id := c.postCell(d.code)
			reply := c.reply(c.shell, id)
			out := c.outputs(id)
			errors := 0
			for _, m := range out {
				if m.kind == "error" {
					errors++
				}
			}
			if text := fmt.Sprint(reply.content["evalue"], traceback(reply)); reply.content["status"] != "error" || errors != 1 || !strings.Contains(text, d.want) {
				t.Errorf("%s: %d errors, %v", d.name, errors, reply.content)
			}
			if got := c.value("six()"); got != "6" {
				t.Errorf("%s: the next cell gives %s", d.name, got)
			}
			t.Logf("%-24s %v: %.200v", d.name, reply.content["ename"], reply.content["evalue"])
		}
	}
	if n := len(k.workers()); n != 1 {
		t.Errorf("%d processes of cells", n)
	}
}

// runKernelOnce starts a kernel once more, ends it and returns its log.
func runKernelOnce(t *testing.T, k *kernelUnderTest, file string) string {
	t.Helper()
	again := &kernelUnderTest{cmd: exec.Command(k.cmd.Args[0], "kernel", "run", file), conn: k.conn, dir: k.dir, log: &lockedBuffer{}}
	again.cmd.Env, again.cmd.Stderr = k.cmd.Env, again.log
	if err := again.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer again.kill()
	c := connectKernel(t, again)
	c.reply(c.control, c.post(c.control, "shutdown_request", map[string]any{}))
	return again.log.String()
}
