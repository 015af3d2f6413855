// Package whole writes files that are there wholly or not at all.
package whole

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Write puts content in the place of the file of a path: under another name
// first, which is then renamed, so that no reader sees a part of it and the file
// of before stays if something goes wrong. A link stays one, a file keeps its
// mode, a new one has 0644; what is no file, such as a pipe, is written to as it is.
func Write(path string, content []byte) error {
	return WriteWith(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// WriteWith is Write of what a function writes; its error is returned, and then
// nothing is put there.
func WriteWith(path string, write func(io.Writer) error) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	mode := os.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		if !info.Mode().IsRegular() {
			return writeThrough(path, write)
		}
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	err = write(f)
	if e := f.Chmod(mode); err == nil {
		err = e
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// writeThrough writes to what is no file.
func writeThrough(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
