package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// everything turns on all that can be written.
var everything = strings.Fields("--operations --per-batch --token-times --event-trace --chrome-trace --wandb-project p")

// TestRunFiles has a run that writes all there is write nothing whose name
// would keep its directory from being replaced.
func TestRunFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	good(t, slices.Concat([]string{"simulate", "--requests", "20", "--out", "run"}, everything)...)
	entries, err := os.ReadDir("run")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(runFiles, e.Name()) {
			t.Errorf("%s is not one of runFiles", e.Name())
		}
	}
	if len(entries) != len(runFiles) {
		t.Errorf("%d entries, but runFiles has %d", len(entries), len(runFiles))
	}
	for name, text := range tree(t, "run") {
		if strings.HasSuffix(name, ".json") && !json.Valid([]byte(text)) {
			t.Errorf("%s is no JSON", name)
		}
	}
}

// TestReplace replaces an earlier run whole, also one that wrote more.
func TestReplace(t *testing.T) {
	t.Chdir(t.TempDir())
	good(t, slices.Concat([]string{"simulate", "--requests", "9", "--out", "a/run"}, everything)...)
	good(t, "simulate", "--requests", "5", "--out", "a/run/", "--no-plots")
	again := tree(t, ".")
	good(t, "simulate", "--requests", "5", "--out", "other", "--no-plots")
	want := tree(t, "other")
	if got := tree(t, "a/run"); !slices.Equal(names(got), names(want)) || got["request_metrics.csv"] != want["request_metrics.csv"] {
		t.Errorf("a replaced run has %q, a new one %q", names(got), names(want))
	}
	if do("simulate", "--out", "a/run", "--qps", "0").status != 2 || do("simulate", "--out", "a/run", "--blocks", "1").status != 2 {
		t.Fatal("bad runs succeed")
	}
	after := tree(t, ".")
	for name, text := range again {
		if after[name] != text {
			t.Errorf("a run that failed changed %s", name)
		}
	}
	for name := range after {
		if strings.HasPrefix(name, "a/.") {
			t.Errorf("%s is left", name)
		}
	}
}

// TestReplaceLink leaves a link to a run directory a link.
func TestReplaceLink(t *testing.T) {
	t.Chdir(t.TempDir())
	good(t, "simulate", "--requests", "9", "--out", "runs/one")
	if err := os.Symlink("runs/one", "latest"); err != nil {
		t.Skip(err)
	}
	before := tree(t, "runs/one")["request_metrics.csv"]
	good(t, "simulate", "--requests", "5", "--out", "latest")
	info, err := os.Lstat("latest")
	if err != nil || info.Mode()&os.ModeSymlink == 0 || tree(t, "runs/one")["request_metrics.csv"] == before {
		t.Errorf("%v, %v", info, err)
	}
}

// TestNotARun never takes away what is not an earlier run and nothing else.
func TestNotARun(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "model/config.json", `{"model_type": "llama"}`)
	write(t, "model/model.safetensors", "weights")
	write(t, "settings/config.json", `{"port": 80}`)
	write(t, "broken/config.json", `{`)
	write(t, "empty-names/summary.json", `{}`)
	write(t, "file", "text")
	good(t, "simulate", "--requests", "1", "--out", "noted")
	write(t, "noted/notes.md", "worth keeping")
	before := tree(t, ".")
	for _, out := range []string{"model", "settings", "broken", "empty-names", "file", "noted", "file/run", "."} {
		r := do("simulate", "--requests", "1", "--out", out)
		if r.status != 2 || strings.Count(r.err, "\n") != 1 {
			t.Errorf("%s: %+v", out, r)
		}
		if after := tree(t, "."); !slices.Equal(names(before), names(after)) {
			t.Fatalf("%s: %q", out, names(after))
		}
	}
}

func TestEmptyDirectory(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("run", 0o755); err != nil {
		t.Fatal(err)
	}
	good(t, "simulate", "--requests", "1", "--out", "run")
	if entries, err := os.ReadDir("."); err != nil || len(entries) != 1 {
		t.Errorf("%v %v", entries, err)
	}
}

// TestDiscard takes a directory away while somebody goes on writing into it.
func TestDiscard(t *testing.T) {
	root := t.TempDir()
	d := newRunDir(context.Background(), filepath.Join(root, "new", "folders", "run"))
	if err := d.begin(); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error)
	begun := make(chan bool, 1)
	go func() {
		for {
			w, err := d.create("plots/x.csv")
			if err != nil {
				stopped <- err
				return
			}
			if _, err := io.WriteString(w, "x"); err != nil {
				t.Error(err)
			}
			w.Close()
			select {
			case begun <- true:
			default:
			}
		}
	}()
	<-begun
	d.discard()
	if err := <-stopped; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if left := tree(t, root); len(left) > 0 {
		t.Errorf("left %q", names(left))
	}
	if err := d.commit(); !errors.Is(err, context.Canceled) {
		t.Errorf("committed what was discarded: %v", err)
	}
	if err := d.begin(); !errors.Is(err, context.Canceled) {
		t.Errorf("begun what was discarded: %v", err)
	}
}

// TestSwap is what replaces a directory where the system cannot exchange two.
func TestSwap(t *testing.T) {
	for name, replace := range map[string]func(dir, old string) error{"swap": swap, "replace": replace} {
		t.Chdir(t.TempDir())
		write(t, "new/a", "new")
		write(t, "old/a", "old")
		if err := replace("new", "old"); err != nil {
			t.Fatal(name, err)
		}
		if got := tree(t, "."); len(got) != 4 || got["old/a"] != "new" || got["new/a"] != "old" {
			t.Errorf("%s: %q", name, got)
		}
		if err := replace("none", "old"); err == nil || tree(t, ".")["old/a"] != "new" {
			t.Errorf("%s of nothing: %v", name, err)
		}
	}
}

// TestCancelled runs under a context that is over.
func TestCancelled(t *testing.T) {
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, errs strings.Builder
	if status := run(ctx, []string{"simulate", "--out", "a/run"}, streams{&out, &errs}); status != exitInterrupted || errs.String() != "vidur: interrupted\n" || out.String() != "" {
		t.Errorf("status %d, %q, %q", status, out.String(), errs.String())
	}
	if left := tree(t, "."); len(left) > 0 {
		t.Errorf("left %q", names(left))
	}
}

// TestOutputs has each form of output, and none.
func TestOutputs(t *testing.T) {
	t.Chdir(t.TempDir())
	var summary struct {
		Completed int `json:"completed_requests"`
	}
	r := good(t, "simulate", "--requests", "7", "--json", "--no-files")
	if err := json.Unmarshal([]byte(r.out), &summary); err != nil || summary.Completed != 7 {
		t.Errorf("%v: %s", err, r.out)
	}
	if r := good(t, "simulate", "--requests", "7", "--quiet", "--no-files"); r.out != "" {
		t.Errorf("quiet says %q", r.out)
	}
	r = good(t, "simulate", "--requests", "7", "--no-files", "--slo-ttft", "1")
	for _, part := range []string{"7 of 7 requests complete", "meta-llama/Meta-Llama-3-8B on 1 × h100", "TTFT (s)", "goodput", "TTFT ≤ 1 s"} {
		if !strings.Contains(r.out, part) {
			t.Errorf("%q is not in\n%s", part, r.out)
		}
	}
	if left := tree(t, "."); len(left) > 0 {
		t.Errorf("--no-files leaves %q", names(left))
	}
	r = good(t, "simulate", "--requests", "7", "--json")
	dirs, err := filepath.Glob("simulator_output/20*-*-*_*-*-*-*")
	if err != nil || len(dirs) != 1 {
		t.Fatal(dirs, err)
	}
	if files := tree(t, dirs[0]); strings.TrimSpace(files["summary.json"]) != strings.TrimSpace(r.out) && !json.Valid([]byte(files["summary.json"])) {
		t.Errorf("summary.json is %s", files["summary.json"])
	}
	for _, until := range []string{"0.001", "1"} { // nothing to show is no error
		good(t, "simulate", "--until", until, "--no-files")
	}
}
