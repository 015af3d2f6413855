package store

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, s *Store, key string, value []byte) {
	t.Helper()
	if err := s.Put(key, value); err != nil {
		t.Fatal(err)
	}
	if got, ok := s.Get(key); !ok || !bytes.Equal(got, value) {
		t.Fatalf("put %q, got %q, %v", value, got, ok)
	}
}

func TestPutAndGet(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	s := open(t, dir)
	if s.Dir() != dir {
		t.Error(s.Dir())
	}
	for i := range 300 {
		value := bytes.Repeat([]byte{byte(i)}, i*i%5000)
		put(t, s, Key(fmt.Append(nil, i)), value)
	}
	key := Key(nil)
	if _, ok := s.Get(key); ok {
		t.Error("there is what was not put")
	}
	put(t, s, key, nil)
	put(t, s, key, []byte("later"))
	if got, ok := open(t, dir).Get(key); !ok || string(got) != "later" {
		t.Errorf("another process sees %q", got)
	}
	for _, bad := range []string{"", "../../../../etc/passwd", "ABCDEF0123456789", "0123", key + "/x"} {
		if err := s.Put(bad, nil); err == nil {
			t.Errorf("key %q is taken", bad)
		}
		if _, ok := s.Get(bad); ok {
			t.Errorf("key %q is found", bad)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", path, filepath.Join(path, "x")} {
		if _, err := Open(dir); err == nil {
			t.Errorf("%q opens", dir)
		}
	}
}

// TestDamaged changes, cuts and lengthens files at every place: all are absent,
// and can be put again.
func TestDamaged(t *testing.T) {
	s := open(t, t.TempDir())
	key, value := Key([]byte("x")), []byte("a result of some length")
	put(t, s, key, value)
	path, _ := s.path(key)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	try := func(what string, text []byte) {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		if got, ok := s.Get(key); ok {
			t.Errorf("%s is taken for %q", what, got)
		}
	}
	for i := range whole {
		try(fmt.Sprintf("cut to %d", i), whole[:i])
		damaged := bytes.Clone(whole)
		damaged[i] ^= 1 << (i % 8)
		try(fmt.Sprintf("byte %d", i), damaged)
	}
	try("longer", append(bytes.Clone(whole), 0))
	put(t, s, key, value)
	other := Key([]byte("y"))
	to, _ := s.path(other)
	if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o755), os.Rename(path, to)); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Get(other); ok {
		t.Error("a result is taken under another key")
	}
}

// full is a file on a disk that is full after some bytes.
type full struct {
	file
	room int
	at   string // the call that fails when nothing else has
}

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.room {
		n, _ := f.file.Write(p[:f.room])
		return n, syscall.ENOSPC
	}
	return f.file.Write(p)
}

func (f *full) Sync() error {
	if f.at == "sync" {
		return syscall.EIO
	}
	return f.file.Sync()
}

func (f *full) Close() error {
	err := f.file.Close()
	if f.at == "close" {
		return syscall.EDQUOT
	}
	return err
}

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	key := Key(nil)
	put(t, s, key, []byte("before"))
	usual := s.create
	for room := range 70 {
		f := full{room: room}
		switch {
		case room >= 60:
			f.room, f.at = 1000, "sync"
		case room >= 50:
			f.room, f.at = 1000, "close"
		}
		s.create = func(dir, pattern string) (file, error) {
			var err error
			f.file, err = usual(dir, pattern)
			return &f, err
		}
		if err := s.Put(key, bytes.Repeat([]byte("x"), 100)); err == nil {
			t.Fatalf("%+v is no error", f)
		}
		if got, ok := s.Get(key); !ok || string(got) != "before" {
			t.Fatalf("%+v: there is %q", f, got)
		}
	}
	s.create = usual
	if left, _ := os.ReadDir(filepath.Join(dir, unfinished)); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	put(t, s, key, []byte("after"))
}

// TestDeletedMeanwhile takes the folder away under a store.
func TestDeletedMeanwhile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "s")
	s := open(t, dir)
	key := Key(nil)
	release, ok := s.Claim(key)
	if !ok {
		t.Fatal("no claim")
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	put(t, s, key, []byte("again"))
	release()
}

func TestLeftoversGo(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	old, young := filepath.Join(dir, unfinished, "old"), filepath.Join(dir, unfinished, "young")
	for _, path := range []string{old, young} {
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	then := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(old, then, then); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	if _, err := os.Stat(old); err == nil {
		t.Error("what is two hours old is there still")
	}
	if _, err := os.Stat(young); err != nil {
		t.Error(err)
	}
}

// TestTogether has many goroutines of two stores put and get the same keys: what
// is got is always a whole value.
func TestTogether(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for g := range 8 {
		s := open(t, dir)
		all.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(g)))
			for range 50 {
				k := random.IntN(5)
				key, value := Key([]byte{byte(k)}), bytes.Repeat([]byte{byte(k)}, 3000)
				if got, ok := s.Get(key); ok && !bytes.Equal(got, value) {
					t.Errorf("got %q", got)
				}
				if err := s.Put(key, value); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkPut(b *testing.B) {
	s, err := Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	value := bytes.Repeat([]byte("x"), 1500)
	for i := 0; b.Loop(); i++ {
		if err := s.Put(Key(fmt.Append(nil, i)), value); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	s, err := Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	key := Key(nil)
	if err := s.Put(key, bytes.Repeat([]byte("x"), 1500)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, ok := s.Get(key); !ok {
			b.Fatal("it is not there")
		}
	}
}

func FuzzGet(f *testing.F) {
	dir := f.TempDir()
	s, err := Open(dir)
	if err != nil {
		f.Fatal(err)
	}
	key := Key(nil)
	if err := s.Put(key, []byte("value")); err != nil {
		f.Fatal(err)
	}
	path, _ := s.path(key)
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		if got, ok := s.Get(key); ok && !bytes.Equal(text, whole) {
			t.Errorf("%q is taken for %q", text, got)
		}
	})
}
