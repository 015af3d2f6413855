package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/govidur/govidur/kernel/zmtp/zmtptest"
)

// soak is the larger of two numbers if KERNEL_SOAK is set: tests of the kernel
// under load then take minutes, and their logs have the figures.
func soak(quick, full int) int {
	if os.Getenv("KERNEL_SOAK") != "" {
		return full
	}
	return quick
}

// percentile is that of durations in milliseconds, for logs.
func percentile(d []time.Duration, p float64) float64 {
	slices.Sort(d)
	return float64(d[min(int(p*float64(len(d))), len(d)-1)]) / 1e6
}

// complete checks that what a client was shown and the file that it was told of
// are the lines 0 to n-1.
func complete(t *testing.T, who string, out []said, n int) {
	t.Helper()
	shown, notes := streamed(out, "stdout"), streamed(out, "stderr")
	if _, after, spilt := strings.Cut(notes, "the rest of the output goes to "); spilt {
		path, _, _ := strings.Cut(after, "]")
		rest, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes are shown, %d are in the file", who, len(shown), len(rest))
		shown += string(rest)
	}
	i := 0
	for line := range strings.Lines(shown) {
		if line != fmt.Sprintf("%d\n", i) {
			t.Fatalf("%s: line %d is %q", who, i, line)
		}
		i++
	}
	if i != n {
		t.Fatalf("%s: %d lines of %d", who, i, n)
	}
}

// A million lines arrive at a front end that reads, at one that reads nothing for
// ten seconds, and beside one that never reads anything.
func TestKernelFlood(t *testing.T) {
	n, stall := soak(100_000, 1_000_000), time.Duration(soak(500, 10_000))*time.Millisecond
	k := startKernel(t, "tcp")
	ann := connectKernel(t, k)
	bob := newClient(t, k)
	bob.subscribe(k, stall)
	dead := dialKernel(t, k, k.conn.IOPub, zmtptest.Options{Kind: "SUB"})
	dead.Subscribe("")
	ann.good(`import "fmt"`)
	begun := time.Now()
	var ids []string
	for range soak(2, 8) { // more than a queue has room for
		id := ann.postCell(fmt.Sprintf("for i := range %d { fmt.Println(i) }", n))
		ids = append(ids, id)
		if status := ann.reply(ann.shell, id).content["status"]; status != "ok" {
			t.Fatal(status)
		}
		complete(t, "who reads", ann.outputs(id), n)
	}
	lines := n * len(ids)
	t.Logf("%d lines: %v, %.0f a second", lines, time.Since(begun), float64(lines)/time.Since(begun).Seconds())
	complete(t, "who stalls", bob.outputs(ids[0]), n)
	for _, id := range ids[1:] {
		bob.outputs(id) // idle is there, whatever text was too late
	}
	if ann.value("1 + 1") != "2" || strings.Contains(k.log.String(), "panic") {
		t.Error(k.log)
	}
}

// All cells after one that failed are dropped, whether a front end sends them at
// once or one after the other, and the cell after that runs.
func TestKernelRunAll(t *testing.T) {
	rounds := soak(15, 120)
	c := connectKernel(t, startKernel(t, "tcp"))
	r := rand.New(rand.NewPCG(1, 2))
	for _, most := range []time.Duration{0, 30 * time.Millisecond} {
		judged := 0
		for range rounds {
			ids := []string{c.postCell(`panic("x")`)}
			last, late := time.Now(), false
			for i := range 5 {
				if most > 0 {
					time.Sleep(time.Duration(r.Int64N(int64(most))))
				}
				late = late || time.Since(last) > 90*time.Millisecond // the machine was busy elsewhere
				last = time.Now()
				ids = append(ids, c.postCell(fmt.Sprintf("%d", i)))
			}
			var states []string
			for _, id := range ids {
				states = append(states, fmt.Sprint(c.reply(c.shell, id).content["status"]))
			}
			if want := []string{"error", "aborted", "aborted", "aborted", "aborted", "aborted"}; !late && !slices.Equal(states, want) {
				t.Errorf("after %v: %q", most, states)
			}
			if !late {
				judged++
			}
			if got := c.value("6 * 7"); got != "42" {
				t.Fatalf("the cell after it: %s", got)
			}
			c.forget()
		}
		t.Logf("pauses up to %v: %d of %d rounds were sent as they should be, and all were right", most, judged, rounds)
	}
}

// Front ends subscribe at any moment and ask on two sockets at once, and miss no
// idle; when they are done, nothing is left.
func TestKernelStartsAndEnds(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var ready, ended []time.Duration
	for i := range soak(6, 50) {
		k := startKernel(t, []string{"tcp", "ipc"}[i%2])
		begun := time.Now()
		c := newClient(t, k)
		shell := c.post(c.shell, "kernel_info_request", map[string]any{})
		control := c.post(c.control, "kernel_info_request", map[string]any{})
		time.Sleep(time.Duration(r.Int64N(int64(300 * time.Millisecond))))
		c.subscribe(k, 0)
		c.reply(c.shell, shell)
		c.reply(c.control, control)
		c.outputs(shell)
		c.outputs(control)
		ready = append(ready, time.Since(begun))
		workers := k.workers()
		if len(workers) != 1 {
			t.Fatalf("processes of cells: %v", workers)
		}
		if i%3 == 0 {
			c.postCell("for {\n}")
		}
		begun = time.Now()
		c.reply(c.control, c.post(c.control, "shutdown_request", map[string]any{"restart": i%2 == 0}))
		if err := k.cmd.Wait(); err != nil {
			t.Fatalf("%v\n%s", err, k.log)
		}
		ended = append(ended, time.Since(begun))
		nothingLeft(t, k, workers)
	}
	t.Logf("%d starts: first idle after %.0f ms (p50), %.0f ms (max), of which up to 300 ms are the front end's", len(ready), percentile(ready, 0.5), percentile(ready, 1))
	t.Logf("ends: %.0f ms (p50), %.0f ms (max)", percentile(ended, 0.5), percentile(ended, 1))
}

// nothingLeft checks that a kernel that has ended has left no process, socket or
// file but its history.
func nothingLeft(t *testing.T, k *kernelUnderTest, workers []int) {
	t.Helper()
	for _, pid := range workers {
		for end := time.Now().Add(hang); present(fmt.Sprintf("/proc/%d", pid)); time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("the process %d of the cells is still there", pid)
			}
		}
	}
	files := names(tree(t, k.dir))
	if want := []string{"config/", "config/vidur/", "config/vidur/kernel_history", "connection.json"}; !slices.Equal(files, want) {
		t.Errorf("files: %q", files)
	}
	if k.conn.Transport == "tcp" {
		for _, port := range []int{k.conn.Shell, k.conn.Control, k.conn.Stdin, k.conn.IOPub, k.conn.Heartbeat} {
			_, addr := k.conn.Address(port)
			if c, err := zmtptest.Dial("tcp", addr, zmtptest.Options{Kind: "DEALER"}); err == nil {
				c.Close()
				t.Errorf("somebody listens to port %d", port)
			}
		}
	}
}

// What a cell has shown goes away in order with what it shows.
func TestKernelClears(t *testing.T) {
	c := connectKernel(t, startKernel(t, "ipc"))
	c.good(`import ("fmt"; "github.com/govidur/govidur/kernel/nb")`)
	for _, wait := range []bool{true, false} {
		_, out := c.execute(fmt.Sprintf("for i := range 3 { fmt.Println(i); nb.ClearOutput(%v); nb.Display(i) }", wait))
		var got []string
		for _, m := range out[1:] {
			got = append(got, m.kind)
			if w, is := m.content["wait"].(bool); is && w != wait {
				t.Errorf("%v", m)
			}
		}
		want := slices.Repeat([]string{"stream", "clear_output", "display_data"}, 3)
		if !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
	}
}

// Sockets are open to their owner only, and to the address that was asked for.
func TestKernelIsPrivate(t *testing.T) {
	k := startKernel(t, "ipc")
	connectKernel(t, k)
	sockets, _ := filepath.Glob(filepath.Join(k.dir, "s-*"))
	if len(sockets) != 5 {
		t.Fatalf("%q", sockets)
	}
	for _, path := range sockets {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v %v", info.Mode(), err)
		}
	}
	if strings.Contains(k.log.String(), "mode") {
		t.Error(k.log)
	}
	k = startKernel(t, "tcp")
	c := connectKernel(t, k)
	if _, err := zmtptest.Dial("tcp", fmt.Sprintf("127.0.0.2:%d", k.conn.Shell), zmtptest.Options{Kind: "DEALER"}); err == nil {
		t.Error("the kernel listens to another address, too")
	}
	c.reply(c.control, c.post(c.control, "shutdown_request", map[string]any{}))
	k.cmd.Wait()
	file := filepath.Join(k.dir, "connection.json")
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if out := runKernelOnce(t, k, file); !strings.Contains(out, "0644") {
		t.Errorf("nobody is warned of the file's mode: %s", out)
	}
}
