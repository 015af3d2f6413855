package build

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// names lists what is in a directory, sorted.
func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestPrune(t *testing.T) {
	dir := t.TempDir()
	for i := range maxBuilds + 5 {
		name := filepath.Join(dir, string(rune('a'+i/26))+string(rune('a'+i%26)))
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Unix(int64(1e9+i), 0)
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "build-1"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := prune(dir); err != nil {
		t.Fatal(err)
	}
	left := names(t, dir)
	if len(left) != maxBuilds+1 || left[0] != "af" {
		t.Errorf("left %q", left)
	}
	old := time.Now().Add(-48 * time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "build-1"), old, old); err != nil {
		t.Fatal(err)
	}
	if err := prune(dir); err != nil || len(names(t, dir)) != maxBuilds {
		t.Errorf("what a build left is left: %v", err)
	}
	if err := prune(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
