package nb_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/govidur/govidur/kernel/nb"
	"github.com/janpfeifer/gonb/gonbui"
)

// programs are run by this test's binary in a process of their own.
var programs = map[string]func(){
	"params": func() {
		p := struct {
			QPS  float64 `unit:"requests/s" usage:"offered load"`
			Full bool
		}{QPS: 4}
		nb.Params(&p)
		fmt.Println(p.QPS, p.Full, nb.Args())
	},
	"badstruct": func() { nb.Params(&struct{ F func() }{}) },
	"check": func() {
		nb.Check(nil)
		fmt.Println("before")
		nb.Check(fmt.Errorf("reading: %w", errors.New("broken")))
		fmt.Println("after")
	},
	"progress": func() {
		p := nb.NewProgress("runs", 3)
		p.Add(1)
		nb.Display(p != nil)
		p.Set(3)
		p.Done()
		bar := nb.Bar("x")
		bar(1, 2)
		bar(2, 2)
	},
	"terminal": func() {
		p := nb.NewProgress("runs", 4)
		nb.Display("shown")
		p.Done()
	},
	"interrupt": func() {
		ctx := nb.Context()
		fmt.Println("ready")
		<-ctx.Done()
		nb.Check(fmt.Errorf("sweep: %w", ctx.Err()))
	},
	"stubborn": func() {
		ctx := nb.Context()
		fmt.Println("ready")
		<-ctx.Done()
		fmt.Println("once")
		time.Sleep(time.Minute)
	},
	"gonb": func() {
		nb.Display(image.NewGray(image.Rect(0, 0, 2, 2)), nb.SVG("<svg/>"))
		gonbui.DisplayHTML("<p>the cell's own</p>")
		var live nb.Live
		live.Show("one")
		live.Show("two")
		os.Exit(0)
	},
	"canceled": func() {
		ctx, stop := context.WithCancel(nb.Context())
		stop()
		nb.Check(ctx.Err())
	},
}

func TestMain(m *testing.M) {
	if program, ok := programs[os.Getenv("NB_TEST_PROGRAM")]; ok {
		program()
		return
	}
	os.Exit(m.Run())
}

func command(t *testing.T, program string, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, args...)
	cmd.Env = append(os.Environ(), "NB_TEST_PROGRAM="+program, "GONB_PIPE=")
	return cmd
}

func TestPrograms(t *testing.T) {
	const help = `Flags:
  --qps float   offered load (default 4 requests/s)
  --[no-]full   (default false)
  -h, --help    print this
`
	for _, c := range []struct {
		program, args string
		status        int
		out, err      string
	}{
		{"params", "--qps 8 --full rest", 0, "8 true [rest]\n", ""},
		{"params", "", 0, "4 false []\n", ""},
		{"params", "--help", 0, help, ""},
		{"params", "-h --qps 3", 0, help, ""},
		{"params", "--qsp 8", 2, "", "error: there is no flag --qsp; did you mean --qps?\n"},
		{"params", "--qps eight", 2, "", "error: --qps: \"eight\" is not a number\n"},
		{"badstruct", "", 2, "", "error: field F cannot be a parameter: it is of kind func, not a bool, number, string, time.Duration or slice of these\n"},
		{"check", "", 1, "before\n", "error: reading: broken\n"},
		{"progress", "", 0, "true\n", ""},
		{"canceled", "", 1, "", "error: context canceled\n"},
	} {
		cmd := command(t, c.program, strings.Fields(c.args)...)
		var out, errs strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &errs
		cmd.Run()
		if status := cmd.ProcessState.ExitCode(); status != c.status || out.String() != c.out || errs.String() != c.err {
			t.Errorf("%s %s: status %d, out %q, err %q", c.program, c.args, status, out.String(), errs.String())
		}
	}
}

// TestInterrupt sends signals: the first ends the context, the second the program.
func TestInterrupt(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		cmd, _ := started(t, "interrupt")
		cmd.Process.Signal(sig)
		if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 130 || cmd.Stderr.(*strings.Builder).String() != "error: interrupted\n" {
			t.Errorf("%v: %v, %q", sig, err, cmd.Stderr)
		}
		cmd, next := started(t, "stubborn")
		cmd.Process.Signal(sig)
		next("once")
		cmd.Process.Signal(sig)
		if err := cmd.Wait(); cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != sig {
			t.Errorf("second %v: %v", sig, err)
		}
	}
}

// started runs a program up to its line "ready"; next waits for another line.
func started(t *testing.T, program string) (cmd *exec.Cmd, next func(line string)) {
	t.Helper()
	cmd = command(t, program)
	cmd.Stderr = new(strings.Builder)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	next = func(line string) {
		t.Helper()
		var got string
		if _, err := fmt.Fscanln(out, &got); err != nil || got != line {
			t.Fatalf("%s wrote %q, %v", program, got, err)
		}
	}
	next("ready")
	return cmd, next
}
