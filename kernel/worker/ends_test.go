package worker_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/govidur/govidur/kernel/server"
	"github.com/govidur/govidur/kernel/worker"
)

// A process that dies is an error of the cell; the next cell finds the
// declarations, and hears of the variables.
func TestDeath(t *testing.T) {
	for name, c := range map[string]struct{ code, want string }{
		"concurrent map writes": {"m := map[int]int{}\nfor range 8 { go func() { for i := 0; ; i++ { m[i%100] = i } }() }\nselect {}", "fatal error: concurrent map"},
		"kill -9":               {"p, _ := os.FindProcess(os.Getpid())\np.Kill()\nselect {}", "signal: killed"},
		"a compiled goroutine":  {"var g func()\ntime.AfterFunc(0, g)\nselect {}", "fatal error: go of nil func value"},
		"no memory":             {"var all [][]byte\nfor {\n\tall = append(all, make([]byte, 1<<40))\n}", "out of memory"},
		"a signal":              {"p, _ := os.FindProcess(os.Getpid())\np.Signal(os.Interrupt)\nselect {}", "signal: interrupt"},
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t, worker.Options{})
			b.is("import (\"os\"; \"time\"; \"fmt\")\nfunc f() int { return 6 }\nv, w := 1, 2", "")
			b.is("v += f(); time.Now().Unix() > 0", "=true")
			pid := b.PID()
			err := b.fails("fmt.Println(\"before\")\n"+c.code, "died", "lost: v, w")
			if !strings.Contains(err.Value, c.want) || len(err.Traceback) > 12 {
				t.Errorf("%s\n%s", err.Value, strings.Join(err.Traceback, "\n"))
			}
			t.Logf("%s", strings.Join(err.Traceback, "\n"))
			if b.PID() == pid || b.PID() == 0 {
				t.Errorf("process %d after %d", b.PID(), pid)
			}
			b.is("f()", "=6")
			b.fails("v", "compile error", "its value was lost")
			b.is("v := 3; v", "=3")
		})
	}
}

// Last words are the error of the cell however long the process takes to end after
// them; what only looks like them is not why it was killed.
func TestSlowDeath(t *testing.T) {
	for end, want := range map[string]string{"exit 2": "fatal error: all gone", "kill -9 $$": "signal: killed"} {
		w, err := worker.Start(worker.Options{Command: []string{"sh", "-c", "echo 'fatal error: all gone' >&2; sleep 1.5; " + end}})
		if err != nil {
			t.Fatal(err)
		}
		o := w.Execute(t.Context(), server.Cell{Code: "1", Name: "In[1]"}, &screen{})
		if o.Err == nil || !strings.Contains(o.Err.Value, want) {
			t.Errorf("%s: %+v", end, o.Err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A process that dies between cells is a note to the next one.
func TestDeathBetweenCells(t *testing.T) {
	b := start(t, worker.Options{})
	b.is("func f() int { return 6 }\nx := 1", "")
	pid := b.PID()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for b.PID() == pid {
		time.Sleep(time.Millisecond)
	}
	b.Complete(t.Context(), "f", 1)
	got, err := b.do("f()")
	if err != nil || !strings.Contains(got, "signal: killed") || !strings.Contains(got, "lost: x") || !strings.HasSuffix(got, "=6") {
		t.Errorf("%q %v", got, err)
	}
	b.is("f()", "=6")
}

func TestInterrupt(t *testing.T) {
	for name, c := range map[string]struct {
		code string
		kept bool
	}{
		"loop":       {"for {\n}", true},
		"sleep":      {"time.Sleep(time.Hour)", false},
		"channel":    {"<-make(chan int)", false},
		"context":    {"<-nb.Context().Done()", true},
		"simulation": {"c := spec.Default()\nc.Requests = 2_000_000\nr, err := c.Build()\nnb.Check(err)\n_, err = r.Simulate(nb.Context())\nnb.Check(err)", true},
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t, worker.Options{})
			b.is("import (\"time\"; \"github.com/govidur/govidur/kernel/nb\"; \"github.com/govidur/govidur/vidur/spec\")\nx := 1\nfunc f() int { return 6 }", "")
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(300*time.Millisecond, cancel)
			begun := time.Now()
			_, err := b.doIn(ctx, c.code)
			if err == nil || !strings.Contains(err.Name+err.Value, "interrupted") {
				t.Fatalf("%+v", err)
			}
			t.Logf("%v: %s", time.Since(begun), strings.Join(err.Traceback, "\n"))
			b.is("f()", "=6")
			if got, err := b.do("x"); c.kept && (err != nil || got != "=1") {
				t.Errorf("%q %v", got, err)
			}
		})
	}
}

// Two cells at once run one after the other.
func TestSerial(t *testing.T) {
	b := start(t, worker.Options{})
	b.is("n := 0", "")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				b.Execute(t.Context(), server.Cell{Code: "m := n\nfor i := 0; i < 1000; i++ {\n}\nn = m + 1", Name: "In[2]"}, &screen{})
				b.Complete(t.Context(), "n", 1)
			}
		})
	}
	wg.Wait()
	b.is("n", "=80")
}

// An interrupt that comes late is not for the next cell.
func TestLateInterrupts(t *testing.T) {
	b := start(t, worker.Options{})
	b.is("n := 0", "")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 200 {
			b.Interrupt()
			time.Sleep(100 * time.Microsecond)
		}
	}()
	for range 50 {
		if _, err := b.do("n++"); err != nil && err.Name != "interrupted" {
			t.Fatal(err)
		}
	}
	<-done
	b.is("n > 0", "=true")
}

// A process ends with the front, and with it what it has started.
func TestFrontDies(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asFront+"=1")
	text, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var pid, child int
	if _, err := fmt.Fscan(text, &pid, &child); err != nil || !alive(pid) || !alive(child) {
		t.Fatalf("%v %d %d", err, pid, child)
	}
	cmd.Process.Kill()
	cmd.Wait()
	for end := time.Now().Add(5 * time.Second); alive(pid) || alive(child); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%v %v", alive(pid), alive(child))
		}
	}
}

// alive reports whether a process runs; one that nobody has waited for does not.
func alive(pid int) bool {
	if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil {
		return !strings.Contains(string(stat), ") Z ")
	}
	return syscall.Kill(pid, 0) == nil
}

// front is the process that dies in TestFrontDies.
func front() {
	w, err := worker.Start(worker.Options{Command: []string{os.Args[0]}})
	if err != nil {
		panic(err)
	}
	out := &screen{}
	w.Execute(context.Background(), server.Cell{Name: "In[1]", Code: `import ("os/exec"; "fmt")
c := exec.Command("sleep", "100")
if err := c.Start(); err != nil { panic(err) }
fmt.Println(c.Process.Pid)`}, out)
	fmt.Println(w.PID(), out.text())
	w.Execute(context.Background(), server.Cell{Name: "In[2]", Code: "for {\n}"}, out)
}

func TestClose(t *testing.T) {
	b := start(t, worker.Options{})
	pid := b.PID()
	time.AfterFunc(100*time.Millisecond, func() { b.Close() })
	if _, err := b.do("for {\n}"); err == nil {
		t.Error("no error")
	}
	if alive(pid) || b.PID() != 0 {
		t.Error("it lives")
	}
	if _, err := b.do("1"); err == nil || !strings.Contains(err.Value, "closed") {
		t.Errorf("%+v", err)
	}
	if _, err := worker.Start(worker.Options{Command: []string{"/nonexistent"}}); err == nil {
		t.Error("no error")
	}
}

// A process that does not even react to an interrupt is ended.
func TestStubborn(t *testing.T) {
	b := start(t, worker.Options{Grace: 300 * time.Millisecond})
	b.is("x := 1", "")
	ctx, cancel := context.WithCancel(t.Context())
	pid := b.PID()
	go func() {
		time.Sleep(200 * time.Millisecond)
		syscall.Kill(pid, syscall.SIGSTOP)
		cancel()
	}()
	_, err := b.doIn(ctx, "for {\n}")
	if err == nil || err.Name != "interrupted" || !strings.Contains(strings.Join(err.Traceback, "\n"), "lost: x") {
		t.Fatalf("%+v", err)
	}
	b.is("1", "=1")
}

// What a value says of itself can be interrupted, too.
func TestInterruptedShowing(t *testing.T) {
	b := start(t, worker.Options{})
	b.is("type page struct{}\nfunc (page) HTML() string {\n\tprintln(\"on\")\n\tfor {\n\t}\n}", "")
	if _, err := b.interrupted("page{}"); err == nil || err.Name != "interrupted" || !strings.Contains(strings.Join(err.Traceback, ""), "In[1]:4:") {
		t.Errorf("%+v", err)
	}
	b.is("1", "=1")
}

// Cells go on beside goroutines that print and display without end.
func TestFlood(t *testing.T) {
	b := start(t, worker.Options{})
	b.is("import (\"fmt\"; \"github.com/govidur/govidur/kernel/nb\"; \"sync/atomic\"; \"strings\")\nvar stop atomic.Bool", "")
	b.do("long := strings.Repeat(\"x\", 1000)\nfor range 4 { go func() { for !stop.Load() { fmt.Println(long) } }(); go func() { for !stop.Load() { nb.Display(1) } }() }")
	for i := range 50 {
		o := b.Execute(t.Context(), server.Cell{Code: fmt.Sprint(i), Name: "In[3]"}, &screen{})
		if o.Err != nil || o.Result.Data["text/plain"] != fmt.Sprint(i) {
			t.Fatalf("%+v", o)
		}
	}
	if _, err := b.do("stop.Store(true)"); err != nil {
		t.Error(err.Traceback)
	}
}
