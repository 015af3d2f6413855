package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
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

// The folder that is checked is the first or the last argument, and may be a link.
func TestProfileCheckArguments(t *testing.T) {
	dir := profiles(t)
	link := filepath.Join(t.TempDir(), "a link")
	if err := os.Symlink(filepath.Join(dir, "profiling"), link); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	want := do("profile", "check", dir, "--json")
	if want.status != 0 || !strings.Contains(want.out, `"findings"`) {
		t.Fatal(want)
	}
	want.out = strings.ReplaceAll(want.out, dir, link)
	for _, args := range [][]string{{link, "--json"}, {"--json", link}} {
		if got := do(append([]string{"profile", "check"}, args...)...); got.status != 0 || got.out != want.out {
			t.Errorf("%q: %+v", args, got)
		}
	}
	for _, args := range [][]string{{}, {"--json"}, {filepath.Join(dir, "none")}, {dir, "more"}} {
		if got := do(append([]string{"profile", "check"}, args...)...); got.status == 0 || got.out != "" {
			t.Errorf("%q: %+v", args, got)
		}
	}
}

// Folders to compare are found by any name, as a link, inside of profiling and with
// packed files.
func TestProfileCompareFolders(t *testing.T) {
	dir := profiles(t)
	want, err := modelFolders(dir)
	if err != nil || len(want) != 1 {
		t.Fatal(want, err)
	}
	odd := filepath.Join(t.TempDir(), "a [b] ü")
	if err := os.Symlink(dir, odd); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	file := filepath.Join(dir, "profiling", "compute", filepath.FromSlash(want[0]), "mlp.csv")
	for _, packed := range []bool{false, true} {
		if packed { // only its name counts here
			if err := os.Rename(file, file+".gz"); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{dir, odd, filepath.Join(odd, "profiling")} {
			if got, err := modelFolders(name); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: %q, %v, want %q", name, got, err, want)
			}
		}
	}
}

// A model that only a file describes is known by that file.
func TestProfileCheckModelFile(t *testing.T) {
	dir := profiles(t)
	files, err := filepath.Glob(filepath.Join(dir, "profiling", "compute", "*", "*", "*", "mlp.csv"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	mine := filepath.Join(filepath.Dir(filepath.Dir(filepath.Dir(files[0]))), "mine")
	if err := os.Rename(filepath.Dir(files[0]), mine); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "mine", "config.json")
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	write(t, file, `{"model_type": "llama", "hidden_size": 512, "num_attention_heads": 8, "num_key_value_heads": 8,
		"intermediate_size": 1024, "num_hidden_layers": 2, "vocab_size": 1000, "hidden_act": "silu"}`)
	if r := do("profile", "check", dir); r.status != 0 || !strings.Contains(r.out, `"mine" is not in the catalogue`) {
		t.Error(r)
	}
	if r := do("profile", "check", dir, "--model", file); r.status == 0 || strings.Contains(r.out, "is not in the catalogue") || !strings.Contains(r.out, "where mine has ") {
		t.Error(r)
	}
	if r := do("profile", "check", dir, "--model", filepath.Join(dir, "none.json")); r.status == 0 || r.out != "" {
		t.Error(r)
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
