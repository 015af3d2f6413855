package search

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// inputs hashes the files that experiments read. A file is read again only when
// its size or its time has changed.
type inputs struct {
	mu    sync.Mutex
	known map[string]hashed
}

type hashed struct {
	size    int64
	changed time.Time
	sum     string
}

func newInputs() *inputs { return &inputs{known: map[string]hashed{}} }

// sum is the hash of a file, or of all files of a folder with their names.
func (in *inputs) sum(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return in.file(path, info)
	}
	h := sha256.New()
	err = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error { // in order of names
		if err != nil || d.IsDir() {
			return err
		}
		info, err := os.Stat(name) // of what a link points to
		if err != nil || !info.Mode().IsRegular() {
			return nil // nothing that could be read, then
		}
		sum, err := in.file(name, info)
		if err != nil {
			return err
		}
		within, err := filepath.Rel(path, name)
		fmt.Fprintf(h, "%q %s\n", filepath.ToSlash(within), sum)
		return err
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

func (in *inputs) file(path string, info fs.FileInfo) (string, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if k, ok := in.known[path]; ok && k.size == info.Size() && k.changed.Equal(info.ModTime()) {
		return k.sum, nil
	}
	sum, err := hashFile(path)
	if err == nil {
		in.known[path] = hashed{info.Size(), info.ModTime(), sum}
	}
	return sum, err
}
