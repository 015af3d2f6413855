// Package sharedtest finds the reference material that some tests compare
// with: runs of the original simulator, its profiles and traces. It is not
// part of the project, so those tests skip where it is missing.
package sharedtest

import (
	"os"
	"path/filepath"
	"testing"
)

// Path returns the path of an entry of the reference folder: $VIDUR_SHARED, or
// a folder "shared" beside the module. It skips the test, saying why, if there
// is none.
func Path(t testing.TB, elem ...string) string {
	t.Helper()
	root := os.Getenv("VIDUR_SHARED")
	if root == "" {
		dir, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for !exists(filepath.Join(dir, "go.mod")) && dir != filepath.Dir(dir) {
			dir = filepath.Dir(dir)
		}
		root = filepath.Join(dir, "..", "shared")
	}
	path := filepath.Join(append([]string{root}, elem...)...)
	if !exists(path) {
		t.Skipf("no %s: set VIDUR_SHARED to the folder of reference material to run this test", filepath.Join(elem...))
	}
	return path
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
