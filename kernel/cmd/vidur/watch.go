package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

const watchUsage = `vidur watch [FLAGS] FILE [ARGS]

Runs a script, and again whenever the file changes. What a run prints is shown
as it comes, then what moved against the last run that succeeded. A run that is
overtaken by a change is ended. Ctrl-C leaves.

`

// pollEvery is the time between two looks at the file.
const pollEvery = 200 * time.Millisecond

// maxKept is how much of the output is kept to compare with, in bytes.
const maxKept = 1 << 20

// watchVerb runs a script whenever it changes, until ctx ends.
func watchVerb(ctx context.Context, args []string, std streams) error {
	var f scriptFlags
	set := flag.NewFlagSet("watch", flag.ContinueOnError)
	f.register(set)
	if done, err := parseFlags(set, args, watchUsage, std.out); done || err != nil {
		return err
	}
	if set.NArg() == 0 {
		return fmt.Errorf("which script? vidur watch FILE")
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	w := &watcher{std: std, self: self, file: set.Arg(0), args: append(f.again(), set.Args()...)}
	if w.seen, err = look(w.file, version{}); err != nil {
		return err
	}
	return w.loop(ctx)
}

// again is the flags for another run of the command.
func (f *scriptFlags) again() []string {
	out := []string{"run"}
	if f.unrestricted {
		out = append(out, "--unrestricted")
	}
	if f.compile {
		out = append(out, "--compile")
	}
	if f.timeout > 0 {
		out = append(out, "--timeout", f.timeout.String())
	}
	return out
}

// version is a state of a file.
type version struct {
	size    int64
	changed time.Time
	sum     [sha256.Size]byte
}

// look returns the state of a file; it reads it only if it looks different from
// the state before.
func look(path string, before version) (version, error) {
	info, err := os.Stat(path)
	if err != nil {
		return before, err
	}
	v := version{size: info.Size(), changed: info.ModTime(), sum: before.sum}
	if v == before {
		return before, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return before, err
	}
	v.sum = sha256.Sum256(text)
	return v, nil
}

// watcher runs a script again and again.
type watcher struct {
	std  streams
	self string
	file string
	args []string
	seen version // of the run that goes on or was last
	runs int

	good   string // output of the last run that succeeded
	goodID int    // its number; 0 if there is none
}

// loop runs until ctx ends.
func (w *watcher) loop(ctx context.Context) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		overtaken := w.run(ctx, tick.C)
		for !overtaken && !w.changed() {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
		}
	}
	return nil
}

// changed reports whether the file has other contents than at the last look. A
// file that is away is being written.
func (w *watcher) changed() bool {
	now, err := look(w.file, w.seen)
	differs := err == nil && now.sum != w.seen.sum
	w.seen = now
	return differs
}

// run runs the script once. It reports whether a change of the file has ended
// the run.
func (w *watcher) run(ctx context.Context, tick <-chan time.Time) (overtaken bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.runs++
	w.say("run %d", w.runs)
	kept := &keeper{}
	cmd := exec.CommandContext(ctx, w.self, w.args...)
	cmd.Stdout, cmd.Stderr = io.MultiWriter(w.std.out, kept), w.std.err
	group(cmd)
	done := make(chan error, 1)
	go func() {
		err := cmd.Run()
		endGroup(cmd)
		done <- err
	}()
	for {
		select {
		case err := <-done:
			if ctx.Err() == nil {
				w.ended(err, kept)
			}
			return false
		case <-tick:
			if w.changed() {
				cancel()
				<-done
				w.say("run %d overtaken by a change", w.runs)
				return true
			}
		}
	}
}

// ended says what a run has changed.
func (w *watcher) ended(err error, kept *keeper) {
	switch {
	case err != nil && w.goodID > 0:
		w.say("run %d failed: %v; the next one is compared with run %d", w.runs, err, w.goodID)
		return
	case err != nil:
		w.say("run %d failed: %v", w.runs, err)
		return
	case w.goodID > 0:
		w.compare(kept.String())
	default:
		w.say("run %d is done; waiting for changes", w.runs)
	}
	w.good, w.goodID = kept.String(), w.runs
}

func (w *watcher) compare(now string) {
	changes := moved(w.good, now)
	if len(changes) == 0 {
		w.say("run %d prints what run %d printed", w.runs, w.goodID)
		return
	}
	w.say("moved against run %d:", w.goodID)
	for _, c := range changes {
		fmt.Fprintln(w.std.out, c)
	}
}

// say writes a line of the command's own.
func (w *watcher) say(format string, args ...any) {
	fmt.Fprintf(w.std.out, "--- %s: %s\n", w.file, fmt.Sprintf(format, args...))
}

// keeper keeps the beginning of what is written.
type keeper struct{ bytes.Buffer }

// Write implements io.Writer.
func (k *keeper) Write(p []byte) (int, error) {
	k.Buffer.Write(p[:min(len(p), max(maxKept-k.Len(), 0))])
	return len(p), nil
}
