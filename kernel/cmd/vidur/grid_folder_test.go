package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/search"
)

// TestFolderOfARun: a sweep does not write over a run's files, unless it is told to.
func TestFolderOfARun(t *testing.T) {
	t.Chdir(t.TempDir())
	good(t, "simulate", "--requests", "5", "--out", "run")
	before := tree(t, "run")
	args := []string{"sweep", "--requests", "5", "--quiet", "--out", "run"}
	if r := do(args...); r.status != exitBad || !strings.Contains(r.err, "another run") || !strings.Contains(r.err, "--force") {
		t.Errorf("%d: %s", r.status, r.err)
	}
	for name, text := range tree(t, "run") {
		if before[name] != text {
			t.Errorf("%s was written", name)
		}
	}
	good(t, append(args, "--force")...)
}

// TestForceThatIsCut: what results are of is never said of those of something else,
// also when the writing over them ends in the middle.
func TestForceThatIsCut(t *testing.T) {
	dir := t.TempDir()
	good(t, "sweep", "--over", "qps=1,2", "--requests", "5", "--quiet", "--out", dir)
	table := filepath.Join(dir, "results.parquet")
	if err := os.Remove(table); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(table, "in the way"), 0o755); err != nil {
		t.Fatal(err)
	}
	if r := do("sweep", "--over", "chunk=64,128", "--requests", "5", "--quiet", "--force", "--out", dir); r.status != exitBad {
		t.Fatalf("%d: %s", r.status, r.err)
	}
	if _, _, err := search.ReadResults(dir); err == nil || !strings.Contains(err.Error(), "has no results") {
		t.Errorf("half of other results are read: %v", err)
	}
}

// TestEarlyOfNothing: what has no effect is noted.
func TestEarlyOfNothing(t *testing.T) {
	dir := t.TempDir()
	for meet, noted := range map[string]bool{"ttft p90 <= 1": true, "tbt p99 <= 0.1": false} {
		r := do("search", "--requests", "20", "--early", "0.95", "--meet", meet, "--force", "--out", dir)
		if r.status != 0 || strings.Contains(r.err, "--early has no effect") != noted {
			t.Errorf("%s: %s", meet, r.err)
		}
	}
}
