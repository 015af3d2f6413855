package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

	"github.com/govidur/govidur/vidur/metrics"
)

// runDir is a directory of results that comes into being whole: it is written
// under another name beside its place, and takes its place when it is complete.
// It may be discarded at any time, also by another goroutine.
type runDir struct {
	ctx   context.Context
	final string
	temp  string
	made  string // the topmost directory that was made for it; empty if none was

	mu   sync.Mutex
	done bool // committed or discarded: no more files
}

// runFiles are the entries of a run directory. A directory with any other entry
// is never replaced.
var runFiles = []string{
	"config.json", "experiment.yaml", "summary.json", "operators.json", "request_metrics.csv", "batch_metrics.csv", "operation_metrics.csv",
	"cpu_operation_metrics.csv", "plots", "chrome_trace.json", "event_trace.json", "cluster.json", wandbDir,
}

// newRunDir is a run directory that is not begun. An earlier run of that name
// will be replaced; anything else there is an error.
func newRunDir(ctx context.Context, final string) *runDir {
	return &runDir{ctx: ctx, final: final}
}

// begin makes the directory under its other name.
func (d *runDir) begin() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.done {
		return context.Canceled
	}
	if err := d.makeTemp(); err != nil {
		return fmt.Errorf("no run directory can be made at %s: %w", d.final, err)
	}
	return nil
}

func (d *runDir) makeTemp() error {
	final, err := filepath.Abs(d.final)
	if err != nil {
		return err
	}
	if real, err := filepath.EvalSymlinks(final); err == nil {
		final = real // a link to a run directory stays one
	}
	d.final = final
	if err := replaceable(final); err != nil {
		return err
	}
	parent := filepath.Dir(final)
	for p := parent; !present(p); p = filepath.Dir(p) {
		d.made = p
	}
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	if d.temp, err = os.MkdirTemp(parent, "."+filepath.Base(final)+".*"); err != nil {
		return err
	}
	return os.Chmod(d.temp, 0o755)
}

// replaceable reports whether final is free, empty, or an earlier run and
// nothing else.
func replaceable(final string) error {
	entries, err := os.ReadDir(final)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && len(entries) == 0:
		return nil
	case errors.Is(err, syscall.ENOTDIR):
		return errors.New("there is a file in its way")
	case err != nil:
		return err
	}
	for _, e := range entries {
		if !slices.Contains(runFiles, e.Name()) {
			return fmt.Errorf("the directory has %q in it, which is no part of a run", e.Name())
		}
	}
	if name := foreignRun(filepath.Join(final, wandbDir)); name != "" {
		return fmt.Errorf("the directory has %q in it, which is no part of a run", wandbDir+"/"+name)
	}
	if !isRun(final) {
		return errors.New("the directory is not an earlier run")
	}
	return nil
}

// isRun reports whether a directory is that of a run.
func isRun(dir string) bool {
	var config struct{ Govidur json.RawMessage }
	text, err := os.ReadFile(filepath.Join(dir, "config.json"))
	return err == nil && json.Unmarshal(text, &config) == nil && config.Govidur != nil
}

func present(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// create makes a file of the run. Writing to it stops when the run is interrupted.
func (d *runDir) create(name string) (io.WriteCloser, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.done {
		return nil, context.Canceled
	}
	path := filepath.Join(d.temp, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &file{f, d.ctx}, nil
}

// within makes files in a folder of the run.
func (d *runDir) within(folder string) metrics.Open {
	return func(name string) (io.WriteCloser, error) { return d.create(folder + "/" + name) }
}

// write makes a file of the run with the given text.
func (d *runDir) write(name string, text []byte) error {
	f, err := d.create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// commit puts the directory into its place.
func (d *runDir) commit() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.done || d.ctx.Err() != nil {
		return context.Canceled
	}
	err := os.Rename(d.temp, d.final) // works unless there is an earlier run
	if present(d.temp) && present(d.final) {
		err = replace(d.temp, d.final)
	}
	if err != nil {
		return err
	}
	d.done = true
	return nil
}

// discard takes away what was made, unless it was committed; then it takes away
// the earlier run.
func (d *runDir) discard() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.made != "" && !d.done {
		up := filepath.Join(filepath.Dir(d.made), filepath.Base(d.temp))
		if d.temp != "" && os.Rename(d.temp, up) == nil {
			d.temp = up
		}
		for p := filepath.Dir(d.final); gone(p) && p != d.made; {
			p = filepath.Dir(p)
		}
	}
	if d.temp != "" {
		d.remove()
	}
	d.done = true
}

// gone removes a directory if it is empty, and reports whether there is none.
func gone(dir string) bool {
	return os.Remove(dir) == nil || !present(dir)
}

const large = 32 << 20 // bytes of files that go in a moment

// remove takes the hidden directory away. After an interrupt nobody waits for a
// file system to free gigabytes: another process does.
func (d *runDir) remove() {
	if d.ctx.Err() != nil && size(d.temp) > large {
		rm := exec.Command("rm", "-rf", "--", d.temp)
		detach(rm)
		if rm.Start() == nil {
			return
		}
	}
	os.RemoveAll(d.temp)
}

// size is that of the files in a directory.
func size(dir string) int64 {
	var sum int64
	filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if info, err := e.Info(); err == nil {
			sum += info.Size()
		}
		return nil
	})
	return sum
}

// swap makes two directories change places, by three steps.
func swap(dir, old string) error {
	aside := dir + ".old"
	if err := os.Rename(old, aside); err != nil {
		return err
	}
	if err := os.Rename(dir, old); err != nil {
		return errors.Join(err, os.Rename(aside, old))
	}
	return os.Rename(aside, dir)
}

// file is a file that takes no more once the run is interrupted.
type file struct {
	*os.File
	ctx context.Context
}

func (f *file) Write(p []byte) (int, error) {
	if err := f.ctx.Err(); err != nil {
		return 0, err
	}
	return f.File.Write(p)
}
