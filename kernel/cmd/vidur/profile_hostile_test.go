package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A folder that is not there, or not a folder, is no reason to show the analytic
// model instead; nor is a name that no profile has one to show nothing.
func TestProfileNowhere(t *testing.T) {
	dir := profiles(t)
	file := filepath.Join(dir, "file")
	write(t, file, "x")
	for _, c := range []struct{ args, want string }{
		{"show --data DIR/none", "there is no folder"},
		{"show --data FILE", "there is no folder"},
		{"table --batch 1 --prompt 8 --data DIR/none", "there is no folder"},
		{"compare --data DIR --only-device zz", "no profiles in"},
		{"compare --data DIR --only-model zz", "no profiles in"},
		{"fit DIR --device a40 --folder ../compute/a40 --out DIR/x.json", "no name of a folder"},
		{"fit DIR --device a40 --folder .. --out DIR/x.json", "no name of a folder"},
	} {
		words := strings.Fields(strings.NewReplacer("DIR", dir, "FILE", file).Replace(c.args))
		if r := do(append([]string{"profile"}, words...)...); r.status != exitBad || !strings.Contains(r.err, c.want) {
			t.Errorf("%s: %+v", c.args, r)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "x.json")); err == nil {
		t.Error("a refused fit wrote its file")
	}
}

// A strange GPU of which there are imported profiles is fitted with what the flags say.
func TestFitOfImported(t *testing.T) {
	dir := profiles(t)
	compute := filepath.Join(dir, "profiling", "compute")
	if err := os.Rename(filepath.Join(compute, "a40"), filepath.Join(compute, "mygpu")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "manifest.json"), `{"provenance": "imported", "version": 1, "sources": []}`)
	args := []string{"profile", "fit", dir, "--device", "mygpu", "--out", filepath.Join(dir, "my.json")}
	if r := do(args...); r.status != exitBad || !strings.Contains(r.err, "--memory") {
		t.Error(r)
	}
	if r := do(append(args, "--memory", "48GiB", "--tflops", "150", "--bandwidth", "696", "--sms", "84", "--l2", "6")...); r.status != 0 {
		t.Error(r)
	}
}

// An interrupt ends an import while it reads, and leaves nothing.
func TestImportInterrupted(t *testing.T) {
	dir := t.TempDir()
	file, out := printedTable(t, dir), filepath.Join(dir, "out")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	never := make(chan struct{})
	defer close(never)
	if err := unlessDone(ctx, func() error { <-never; return nil }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	var text strings.Builder
	args := []string{"profile", "import", file, "--out", out, "--batch", "16", "--cached", "300", "--phase", "decode", "--model", "llama-2-7b", "--device", "a40"}
	if status := run(ctx, args, streams{&text, &text}); status == exitInterrupted {
		if _, err := os.Stat(out); err == nil {
			t.Error("what was interrupted wrote its folder")
		}
	} else if status != 0 {
		t.Error(status, text.String())
	}
}
