package walk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestFiles(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"store/b/2.csv", "store/a.csv", "store/b/1.csv", "data/z.csv", "data/c/4.csv"} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for from, to := range map[string]string{
		"data/b": "../store/b", "data/a.csv": "../store/a.csv", "data/c/up": "..", "data/none.csv": "nothing", "linked": "data",
	} {
		if err := os.Symlink(to, filepath.Join(root, filepath.FromSlash(from))); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	want := []string{"a.csv", "b/1.csv", "b/2.csv", "c/4.csv", "none.csv", "z.csv"}
	for _, dir := range []string{"data", "linked"} {
		var got []string
		err := Files(filepath.Join(root, dir), func(path string) error {
			rel, err := filepath.Rel(filepath.Join(root, dir), path)
			got = append(got, filepath.ToSlash(rel))
			return err
		})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v, want %q", dir, got, err, want)
		}
	}
	visited, stop := "", errors.New("stop")
	file := filepath.Join(root, "data", "z.csv")
	err := Files(file, func(path string) error { visited = path; return stop })
	if !errors.Is(err, stop) || visited != file {
		t.Errorf("a file alone: %q, %v", visited, err)
	}
	if err := Files(filepath.Join(root, "none"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}
