package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// runDir is a directory of results that comes into being whole: it is written
// under another name beside its place, and takes its place when it is complete.
type runDir struct {
	ctx   context.Context
	final string
	temp  string
	made  string // the topmost directory that was made for it; empty if none was
}

// newRunDir begins a run directory. An earlier run of that name is replaced;
// anything else there is an error.
func newRunDir(ctx context.Context, final string) (*runDir, error) {
	final, err := filepath.Abs(final)
	if err != nil {
		return nil, err
	}
	if err := replaceable(final); err != nil {
		return nil, err
	}
	d := &runDir{ctx: ctx, final: final}
	parent := filepath.Dir(final)
	for p := parent; !present(p); p = filepath.Dir(p) {
		d.made = p
	}
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, err
	}
	if d.temp, err = os.MkdirTemp(parent, "."+filepath.Base(final)+".*"); err != nil {
		d.discard()
		return nil, err
	}
	if err := os.Chmod(d.temp, 0o755); err != nil {
		d.discard()
		return nil, err
	}
	return d, nil
}

// replaceable reports whether final is free, empty, or an earlier run.
func replaceable(final string) error {
	entries, err := os.ReadDir(final)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && len(entries) == 0:
		return nil
	case err != nil:
		return err
	case !present(filepath.Join(final, "config.json")):
		return fmt.Errorf("%s exists and is not a run directory", final)
	}
	return nil
}

func present(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// create makes a file of the run. Writing to it stops when the run is interrupted.
func (d *runDir) create(name string) (io.WriteCloser, error) {
	path := filepath.Join(d.temp, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	f, err := os.Create(path)
	return &file{f, d.ctx}, err
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
	if err := d.ctx.Err(); err != nil {
		return err
	}
	old := ""
	if present(d.final) {
		old = d.temp + ".old"
		if err := os.Rename(d.final, old); err != nil {
			return err
		}
	}
	if err := os.Rename(d.temp, d.final); err != nil {
		if old != "" {
			err = errors.Join(err, os.Rename(old, d.final))
		}
		return err
	}
	d.temp, d.made = "", ""
	if old != "" {
		return os.RemoveAll(old)
	}
	return nil
}

// discard takes away what was made, unless it was committed.
func (d *runDir) discard() {
	if d.temp != "" {
		os.RemoveAll(d.temp)
		d.temp = ""
	}
	if d.made == "" {
		return
	}
	for p := filepath.Dir(d.final); os.Remove(p) == nil && p != d.made; {
		p = filepath.Dir(p)
	}
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
