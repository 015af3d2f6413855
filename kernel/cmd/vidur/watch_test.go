package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// spectator runs vidur watch as a process.
type spectator struct {
	t    *testing.T
	cmd  *exec.Cmd
	file string

	mu   sync.Mutex
	text bytes.Buffer
	read int
}

func (s *spectator) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func watched(t *testing.T, code string, flags ...string) *spectator {
	t.Helper()
	s := &spectator{t: t, file: filepath.Join(t.TempDir(), "s.go")}
	s.save(code)
	s.cmd = exec.Command(os.Args[0], append(append([]string{"watch"}, flags...), s.file, "arg")...)
	s.cmd.Env = append(os.Environ(), asVidur+"=1")
	s.cmd.Stdout, s.cmd.Stderr = s, s
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	return s
}

// save replaces the script, as editors do.
func (s *spectator) save(code string) {
	s.t.Helper()
	write(s.t, s.file+".new", "package main\n\n"+code)
	if err := os.Rename(s.file+".new", s.file); err != nil {
		s.t.Fatal(err)
	}
}

// expect waits for texts, in this order.
func (s *spectator) expect(texts ...string) {
	s.t.Helper()
	for _, text := range texts {
		found := false
		for range 1500 {
			s.mu.Lock()
			i := strings.Index(s.text.String()[s.read:], text)
			if found = i >= 0; found {
				s.read += i + len(text)
			}
			s.mu.Unlock()
			if found {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if !found {
			s.t.Fatalf("%q does not come in %q", text, s.text.String()[s.read:])
		}
	}
}

// interrupt presses Ctrl-C.
func (s *spectator) interrupt() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("Ctrl-C: %v", err)
	}
}

func TestWatch(t *testing.T) {
	if _, err := os.Stat("/proc/self"); err != nil {
		t.Skip("no signals or no /proc")
	}
	hello := func(n string) string {
		return "import (\"fmt\"; \"os\")\n\nfunc main() { fmt.Println(\"hello\", os.Args[1]); fmt.Println(\"TTFT P99\", " + n + ") }\n"
	}
	s := watched(t, hello("10.59"))
	s.expect("run 1", "hello arg", "TTFT P99 10.59", "run 1 is done; waiting for changes")
	s.save(hello("9.81"))
	s.expect("run 2", "TTFT P99 9.81", "moved against run 1", "  TTFT P99 10.59 -> 9.81 (-7.4 %)")
	s.save("func main() { x }\n")
	s.expect("run 3", "s.go:3:15: undefined: x", "run 3 failed: exit status 1; the next one is compared with run 2")
	s.save(hello("19.62"))
	s.expect("run 4", "moved against run 2", "9.81 -> 19.62 (+100.0 %)")
	now := time.Now().Add(time.Hour)
	if err := os.Chtimes(s.file, now, now); err != nil { // the contents are the same
		t.Fatal(err)
	}
	if err := os.Remove(s.file); err != nil { // away for a while
		t.Fatal(err)
	}
	time.Sleep(3 * pollEvery)
	s.save(hello("19.62") + "\n")
	s.expect("run 5", "run 5 prints what run 4 printed")
	s.interrupt()
}

// TestWatchOvertakes ends runs that go on when the file changes, and when the
// command ends, with all that they have started.
func TestWatchOvertakes(t *testing.T) {
	endless := "import (\"fmt\"; \"os\")\n\nfunc main() { fmt.Println(\"pid\", os.Getpid(), \"end\"); for {} }\n"
	s := watched(t, endless)
	s.expect("run 1", "pid ")
	first := s.pid()
	s.save(endless + "\n")
	s.expect("run 1 overtaken by a change", "run 2", "pid ")
	second := s.pid()
	await(t, "the overtaken run is gone", func() bool { return syscall.Kill(first, 0) != nil })
	s.interrupt()
	await(t, "the last run is gone", func() bool { return syscall.Kill(second, 0) != nil })
	s.mu.Lock()
	defer s.mu.Unlock()
	if left := s.text.String()[s.read:]; strings.Contains(left, "failed") {
		t.Errorf("it ends with %q", left)
	}
}

// pid reads the number that stands next.
func (s *spectator) pid() int {
	s.t.Helper()
	from := s.read
	s.expect(" end")
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.text.String()[from : s.read-len(" end")] {
		n = 10*n + int(c-'0')
	}
	return n
}

func TestWatchMistakes(t *testing.T) {
	for _, args := range [][]string{{"watch"}, {"watch", "none.go"}, {"watch", "--fly", "a.go"}} {
		if r := do(args...); r.status != exitBad || strings.Count(r.err, "\n") != 1 {
			t.Errorf("%q: %+v", args, r)
		}
	}
	if r := good(t, "watch", "--help"); !strings.Contains(r.out, "--timeout") {
		t.Error(r.out)
	}
}
