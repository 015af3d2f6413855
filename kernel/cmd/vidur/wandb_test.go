package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// logs are the names of the transaction logs in a folder's wandb/.
func logs(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, wandbDir, "offline-run-*", "run-*.wandb"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestWandbSimulation: nothing without the flag; with it one run, the same bytes wherever it is written
// and whichever way the flags are said.
func TestWandbSimulation(t *testing.T) {
	t.Chdir(t.TempDir())
	good(t, "simulate", "--requests", "20", "--out", "none")
	if present(filepath.Join("none", wandbDir)) {
		t.Error("there is a wandb folder that nobody asked for")
	}
	args := []string{"simulate", "--requests", "20", "--wandb-project", "p", "--wandb-group", "g", "--out"}
	out := good(t, append(args, "a")...).out
	if !strings.Contains(out, "upload      wandb sync") {
		t.Errorf("nothing is said of the upload:\n%s", out)
	}
	good(t, append(args, "deep/b", "--no-plots", "--no-chrome-trace")...)
	a, b := tree(t, filepath.Join("a", wandbDir)), tree(t, filepath.Join("deep/b", wandbDir))
	if len(logs(t, "a")) != 1 || !maps.Equal(a, b) {
		t.Errorf("%v and %v", slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(b)))
	}
	good(t, append(args, "a")...)
	if again := tree(t, filepath.Join("a", wandbDir)); !maps.Equal(a, again) {
		t.Error("the same run again has another run for W&B")
	}
	good(t, "simulate", "--synthetic_request_generator_config_num_requests", "20", "--metrics_config_wandb_project", "p",
		"--metrics_config_wandb_group", "g", "--metrics_config_wandb_run_name", "n", "--metrics_config_output_dir", "old")
	if found, _ := filepath.Glob("old/*"); len(found) != 1 || len(logs(t, found[0])) != 1 {
		t.Errorf("the original's flags write %v", found)
	}
	for _, line := range [][]string{{"--wandb-project", "p", "--no-files"}, {"--wandb-group", "g", "--no-files"}} {
		if out := good(t, append([]string{"simulate", "--requests", "5"}, line...)...).out; !strings.Contains(out, "no effect") {
			t.Errorf("%q: what has no effect is not noted", line)
		}
	}
}

// TestWandbForeign: a run directory in which W&B has something of its own is not replaced.
func TestWandbForeign(t *testing.T) {
	t.Chdir(t.TempDir())
	args := []string{"simulate", "--requests", "5", "--wandb-project", "p", "--out", "run"}
	good(t, args...)
	write(t, filepath.Join("run", wandbDir, "run-20260101_120000-abcdefgh", "run-abcdefgh.wandb"), "precious")
	if r := do(args...); r.status != 2 || !strings.Contains(r.err, "wandb/run-20260101_120000-abcdefgh") {
		t.Errorf("status %d: %s", r.status, r.err)
	}
}

// TestWandbGrid: a run per row; the same command again changes nothing, and another grid leaves no
// run of the first and all that is not ours.
func TestWandbGrid(t *testing.T) {
	t.Chdir(t.TempDir())
	sweep := func(more ...string) {
		good(t, append([]string{"sweep", "--requests", "30", "--wandb-project", "p", "--out", "grid", "--quiet"}, more...)...)
	}
	mine := filepath.Join("grid", wandbDir, "offline-run-20260101_120000-abcdefgh")
	if err := os.MkdirAll(mine, 0o755); err != nil {
		t.Fatal(err)
	}
	sweep("--over", "chunk=256,512", "--over", "tp=1,3")
	first := tree(t, filepath.Join("grid", wandbDir))
	if n := len(logs(t, "grid")); n != 4 {
		t.Errorf("%d runs of 4 rows", n)
	}
	sweep("--over", "chunk=256,512", "--over", "tp=1,3", "--workers", "1")
	if again := tree(t, filepath.Join("grid", wandbDir)); !maps.Equal(first, again) {
		t.Error("the same sweep again has other runs")
	}
	good(t, "search", "--requests", "30", "--over", "chunk=256,512", "--wandb-project", "q", "--out", "found", "--quiet")
	if n := len(logs(t, "found")); n != 2 {
		t.Errorf("%d runs of 2 deployments", n)
	}
	if err := removeRuns(filepath.Join("grid", wandbDir), map[string]bool{filepath.Base(filepath.Dir(logs(t, "grid")[0])): true}); err != nil {
		t.Fatal(err)
	}
	if len(logs(t, "grid")) != 1 || !present(mine) {
		t.Error("runs of an earlier grid stay, or what is not ours goes")
	}
	if r := do("sweep", "--over", "tp=1,2", "--wandb-project", "a/b"); r.status != 2 || !strings.Contains(r.err, "not allowed") || present("results") {
		t.Errorf("status %d: %s", r.status, r.err)
	}
}
