package main

import (
	"bytes"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSignals interrupts a long run while it simulates and while it draws the
// requests of the original's generator, before anything is written.
func TestSignals(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	for name, c := range map[string]struct {
		sig   syscall.Signal
		args  string
		wrote bool // wait for its files to begin
	}{
		"SIGINT":          {syscall.SIGINT, "--requests 2000000", true},
		"SIGTERM":         {syscall.SIGTERM, "--requests 2000000", true},
		"SIGINT at start": {syscall.SIGINT, "--requests 200000000 --workload fixed --original", false},
		"SIGKILL":         {syscall.SIGKILL, "--requests 2000000", true},
	} {
		t.Run(name, func(t *testing.T) { interrupt(t, c.sig, strings.Fields(c.args), c.wrote) })
	}
}

func interrupt(t *testing.T, sig syscall.Signal, args []string, wrote bool) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], append([]string{"simulate", "--out", "new/run"}, args...)...)
	var text bytes.Buffer
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = append(os.Environ(), asVidur+"=1"), dir, &text, &text
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, "the run begins", func() bool {
		entries, _ := os.ReadDir(dir)
		return len(entries) > 0 || !wrote
	})
	time.Sleep(300 * time.Millisecond) // well into it
	sent := time.Now()
	if err := cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	t.Logf("ended %v after the signal", time.Since(sent))
	if sig == syscall.SIGKILL {
		for name := range tree(t, dir) {
			if name != "new/" && !strings.HasPrefix(name, "new/.run.") {
				t.Errorf("left %s", name)
			}
		}
		return
	}
	if cmd.ProcessState.ExitCode() != exitInterrupted || text.String() != "vidur: interrupted\n" {
		t.Errorf("%v: %s", err, &text)
	}
	await(t, "the directory is empty", func() bool { // a large one is removed by another process
		entries, err := os.ReadDir(dir)
		return err == nil && len(entries) == 0
	})
}

// await waits for something that comes soon.
func await(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for range 2000 {
		if happened() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("it is not so that %s", what)
}
