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

// TestWhyPointsCannotRun: the terminal says it, each reason once.
func TestWhyPointsCannotRun(t *testing.T) {
	r := good(t, "sweep", "--over", "tp=1,3,5", "--seeds", "1..2", "--requests", "20", "--out", t.TempDir())
	for _, want := range []string{"cannot run (and 1 more): tp=3, seed=1: ", "cannot run (and 1 more): tp=5, seed=1: ", "TP 5 does not divide"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("%q is not said: %s", want, r.out)
		}
	}
}

// TestCapacitiesThatNothingBounds: they stand behind the others, and a note says so.
func TestCapacitiesThatNothingBounds(t *testing.T) {
	r := good(t, "search", "--model", "llama-2-70b", "--device", "a100", "--over", "tp=8,2", "--chunk", "256", "--requests", "100", "--meet", "tbt p99 <= 0.1", "--out", t.TempDir())
	if lines := strings.Split(r.out, "\n"); !strings.HasPrefix(strings.TrimSpace(lines[1]), "2 ") || !strings.Contains(r.out, "note: 1 of 2 capacities have no upper end") {
		t.Error(r.out)
	}
}

// TestFormsOfConfiguration: one of the original's search is known as such in any form
// of YAML.
func TestFormsOfConfiguration(t *testing.T) {
	for name, text := range map[string]string{
		"JSON": `{"models": [{"name": "m", "identifier": "phi-2"}], "clusters": [{"device": "a100", "num_gpus": 1, "gpus_per_node": 4}],
			"schedulers": [{"scheduler": "vllm"}], "traces": [{"name": "t", "trace_file": "none.csv", "max_seq_len": 2048, "num_requests": 9, "start_qps": 2}],
			"batch_sizes": [8], "tp_dimensions": [1], "pp_dimensions": [1]}`,
		"quoted": "'models': []\n'clusters' : []\n",
	} {
		path := filepath.Join(t.TempDir(), "a b.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s := &searching{config: path}
		if jobs, err := s.jobs(); len(jobs) != 1 && (err == nil || !strings.Contains(err.Error(), "clusters has no entry")) {
			t.Errorf("%s: %d jobs, %v", name, len(jobs), err)
		}
	}
	if ofSearch([]byte("model: m # clusters: 3\n")) || ofSearch([]byte("- clusters")) || ofSearch(nil) {
		t.Error("an experiment is taken for a search")
	}
}
