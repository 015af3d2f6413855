//go:build unix

package store

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestSharedByAGroup: who may write to the folders of a store is what the umask says.
func TestSharedByAGroup(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	defer syscall.Umask(syscall.Umask(0o002))
	s, key := open(t, dir), Key(nil)
	release, _ := s.Claim(key)
	release()
	if err := s.Put(key, []byte("x")); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		info, err := os.Stat(path)
		if err == nil && info.Mode().Perm() != 0o775 {
			t.Errorf("%s has %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
