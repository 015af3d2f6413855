// Package whole writes files of which a reader sees all or nothing.
package whole

import (
	"os"
	"path/filepath"
)

// Write puts content at path, with mode 0644. It is written under another name
// beside it and renamed, so that what was there before stays if something goes
// wrong. durable makes it outlast a loss of power, which takes milliseconds.
func Write(path string, content []byte, durable bool) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if e := f.Chmod(0o644); err == nil {
		err = e
	}
	if durable && err == nil {
		err = f.Sync()
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
