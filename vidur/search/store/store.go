// Package store keeps results of simulations in a folder, each in a file of its
// own under a key that is a hash of all that determines it. So nothing in it can
// be out of date, several processes and machines may share it, and every file may
// be deleted at any time: what it held is computed again.
//
// A file is written under another name, synced and renamed, so that it is whole or
// not there. It says its length and SHA-256, and one that is cut short or damaged
// counts as absent, and is written anew.
//
//	s, err := store.Open("results")
//	value, ok := s.Get(key)
//	if !ok {
//		release, mine := s.Claim(key)     // false: another process is at it
//		…
//		err = s.Put(key, value)
//		release()
//	}
package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// Store is a folder of results. It may be used by several goroutines.
type Store struct {
	dir    string
	claims claims
	create func(dir, pattern string) (file, error) // os.CreateTemp, but for tests
}

// file is what Put writes to.
type file interface {
	io.WriteCloser
	Sync() error
	Chmod(mode os.FileMode) error
	Name() string
}

// Open opens a folder of results and makes it if it is not there. A folder that
// cannot be made or is a file is an error.
func Open(dir string) (*Store, error) {
	if dir == "" {
		return nil, errors.New("store: no folder is named")
	}
	if err := os.MkdirAll(filepath.Join(dir, unfinished), folderMode); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	clean(filepath.Join(dir, unfinished))
	s := &Store{dir: dir, create: func(dir, pattern string) (file, error) { return os.CreateTemp(dir, pattern) }}
	s.claims.held = map[string]bool{}
	return s, nil
}

// folderMode leaves it to the umask who may write to the folders: with 002 a group
// shares a store.
const folderMode = 0o777

// unfinished is the folder of files that are being written.
const unfinished = "tmp"

// clean removes what processes that were killed have left.
func clean(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > time.Hour {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// Dir is the folder.
func (s *Store) Dir() string { return s.dir }

// magic begins a file. It is raised when the form of the files changes.
const magic = "govidur result 1\n"

// A file is: magic, SHA-256 of key and value, value.
const headerSize = len(magic) + sha256.Size

var keyForm = regexp.MustCompile(`^[0-9a-f]{16,128}$`)

// Key is a key: the SHA-256 of what a result depends on, in hexadecimal.
func Key(of []byte) string {
	sum := sha256.Sum256(of)
	return hex.EncodeToString(sum[:])
}

// path is the file of a key. There is a folder for each two first digits, since
// file systems are slow with folders of a hundred thousand files.
func (s *Store) path(key string) (string, error) {
	if !keyForm.MatchString(key) {
		return "", fmt.Errorf("store: key %q is not hexadecimal, of 16 to 128 digits", key)
	}
	return filepath.Join(s.dir, key[:2], key[2:]), nil
}

func sum(key string, value []byte) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte(key))
	h.Write(value)
	return [sha256.Size]byte(h.Sum(nil))
}

// Get is the value of a key. ok is false if there is none, or what is there
// cannot be read or is not what was written.
func (s *Store) Get(key string) (value []byte, ok bool) {
	path, err := s.path(key)
	if err != nil {
		return nil, false
	}
	text, err := os.ReadFile(path)
	if err != nil || len(text) < headerSize || string(text[:len(magic)]) != magic {
		return nil, false
	}
	value = text[headerSize:]
	want := sum(key, value)
	return value, bytes.Equal(text[len(magic):headerSize], want[:])
}

// Put keeps a value under a key, in the place of an earlier one. After an error,
// as of a full disk, what was there before is there still, and no part of the new.
func (s *Store) Put(key string, value []byte) error {
	path, err := s.path(key)
	if err != nil {
		return err
	}
	if err := s.put(path, key, value); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

func (s *Store) put(path, key string, value []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), folderMode); err != nil {
		return err
	}
	f, err := s.create(filepath.Join(s.dir, unfinished), "*")
	if errors.Is(err, fs.ErrNotExist) { // the folder was emptied meanwhile
		os.MkdirAll(filepath.Join(s.dir, unfinished), folderMode)
		f, err = s.create(filepath.Join(s.dir, unfinished), "*")
	}
	if err != nil {
		return err
	}
	check := sum(key, value)
	_, err = f.Write(append(append([]byte(magic), check[:]...), value...))
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
