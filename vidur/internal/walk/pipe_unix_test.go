//go:build unix

package walk

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// Opening a pipe waits for a writer: below a folder it is passed over. One that is
// given by its name is wanted.
func TestPipes(t *testing.T) {
	dir := t.TempDir()
	pipe, file := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	if err := syscall.Mkfifo(pipe, 0o666); err != nil {
		t.Skipf("no pipes here: %v", err)
	}
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string][]string{dir: {file}, pipe: {pipe}} {
		var got []string
		err := Files(from, func(path string) error { got = append(got, path); return nil })
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", from, got, err)
		}
	}
}
