// Package whole writes files that are there wholly or not at all.
package whole

import (
	"os"
	"path/filepath"
)

// Write puts content in the place of the file of a path: under another name
// first, which is then renamed, so that no reader sees a part of it and the file
// of before stays if something goes wrong. A link stays one, a file keeps its
// mode, a new one has 0644; what is no file, such as a pipe, is written to as it is.
func Write(path string, content []byte) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	mode := os.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		if !info.Mode().IsRegular() {
			return os.WriteFile(path, content, mode)
		}
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
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
