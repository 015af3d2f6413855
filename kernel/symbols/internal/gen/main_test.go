package main

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
)

const symbols = "../.." // kernel/symbols, seen from here

// once generates all files for the tests that share them.
var once = sync.OnceValues(func() (map[string][]byte, error) { return generate(symbols) })

// generated returns all generated files; the test is skipped without the go
// command, which finds the sources.
func generated(t *testing.T) map[string][]byte {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command: ", err)
	}
	files, err := once()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// What is checked in is what the generator writes, by the same version of Go.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	if was := generatedWith(symbols); was != runtime.Version() {
		t.Skipf("generated with %s, this is %s", was, runtime.Version())
	}
	if stale := differ(symbols, generated(t)); len(stale) > 0 {
		t.Errorf("not up to date, run go generate ./kernel/symbols: %q", stale)
	}
}

func TestTwoRunsGiveTheSameBytes(t *testing.T) {
	if testing.Short() {
		t.Skip("generates everything twice")
	}
	files := generated(t)
	again, err := generate(symbols)
	if err != nil {
		t.Fatal(err)
	}
	if !maps.EqualFunc(files, again, bytes.Equal) {
		t.Error("two runs of the generator differ")
	}
}

// Writing and checking agree, and a check names what is different, missing or
// left over.
func TestCheck(t *testing.T) {
	files := generated(t)
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, tableDir), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := write(dir, files); err != nil {
		t.Fatal(err)
	}
	if stale := differ(dir, files); len(stale) > 0 {
		t.Errorf("just written, and stale: %q", stale)
	}
	table := func(name string) string { return filepath.Join(dir, tableDir, name) }
	for _, err := range []error{
		os.WriteFile(table("sort.go"), []byte(header), 0o666),
		os.WriteFile(table("gone.go"), []byte(header), 0o666),
		os.WriteFile(table("ours.go"), []byte("package table\n"), 0o666),
		os.Remove(filepath.Join(dir, "docs.zip")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"docs.zip", tableDir + "/gone.go", tableDir + "/sort.go"}
	if stale := differ(dir, files); !slices.Equal(stale, want) {
		t.Errorf("stale are %q, want %q", stale, want)
	}
	if err := write(dir, files); err != nil {
		t.Fatal(err)
	}
	if stale := differ(dir, files); len(stale) > 0 {
		t.Errorf("written again, and stale: %q", stale)
	}
	if _, err := os.Stat(table("ours.go")); err != nil {
		t.Error("writing has removed a file that is not generated")
	}
}

// Positions and paths of the machine appear in nothing that is generated.
func TestNoPathsOfTheMachine(t *testing.T) {
	dir, err := filepath.Abs(symbols)
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Dir(filepath.Dir(dir))
	l, err := load(symbols, []string{module + "/vidur"})
	if err != nil {
		t.Fatal(err)
	}
	data, err := exportData(l.pkgs[module+"/vidur"].Types)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte(dir)) || bytes.Contains(data, []byte("handlers.go")) {
		t.Error("the types name source files")
	}
}
