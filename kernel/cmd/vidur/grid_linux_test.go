package main

import (
	"path/filepath"
	"testing"
)

// TestGridAtATerminal shows a line that changes, and an interrupted search goes on
// where it stopped.
func TestGridAtATerminal(t *testing.T) {
	home := t.TempDir()
	args := []string{"search", "--over", "chunk=64,128,256,512", "--over", "max-batch=16,32,64,128", "--seeds", "1..30", "--requests", "300", "--out", "out"}
	c := sitDown(t, home, args...)
	c.expect(" of 480, ")
	c.expect("best ")
	c.types("\x03")
	c.expect("are done; the same command goes on there")
	c.expect("vidur: interrupted")
	if status := c.leaves(); status != exitInterrupted {
		t.Errorf("status %d", status)
	}
	before := stored(t, filepath.Join(home, "out", "store"))
	if len(before) < 5 || len(results(t, filepath.Join(home, "out"))) > 1 {
		t.Errorf("%d results, and files %v", len(before), results(t, filepath.Join(home, "out")))
	}
	c = sitDown(t, home, args...)
	c.expect(" of 480, ")
	c.types("\x03")
	c.leaves()
	for name, at := range before {
		if stored(t, filepath.Join(home, "out", "store"))[name] != at {
			t.Fatalf("%s was found again", name)
		}
	}
}
