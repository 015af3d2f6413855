package whole

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	is := func(name, want string, mode os.FileMode) {
		t.Helper()
		got, err := os.ReadFile(path(name))
		info, e := os.Stat(path(name))
		if err != nil || e != nil || string(got) != want || info.Mode().Perm() != mode {
			t.Errorf("%s: %q, %v %v %v", name, got, info, err, e)
		}
	}
	write := func(name, text string) {
		t.Helper()
		if err := Write(path(name), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	write("new", "1")
	is("new", "1", 0o644)
	write("new", "")
	is("new", "", 0o644)
	if err := os.WriteFile(path("mine"), []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("mine", path("link")); err != nil {
		t.Fatal(err)
	}
	write("link", "2")
	is("mine", "2", 0o600)
	if info, err := os.Lstat(path("link")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link is gone", err)
	}
	if err := Write(os.DevNull, []byte("x")); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{dir, path("no/such/dir"), path("new/below")} {
		if Write(bad, nil) == nil {
			t.Errorf("%s is written", bad)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 3 {
		t.Error(left, err)
	}
}
