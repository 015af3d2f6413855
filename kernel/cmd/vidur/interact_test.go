package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What nb.Interact says is what ipywidgets would, and a notebook that is executed
// by nbclient has it.
func TestInteractWithPython(t *testing.T) {
	python := os.Getenv("VIDUR_TEST_PYTHON")
	if python == "" {
		t.Skip("VIDUR_TEST_PYTHON names no Python with ipywidgets, jupyter_client and nbclient")
	}
	installed(t)
	script, err := filepath.Abs(filepath.Join("testdata", "interact.py"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, script)
	cmd.Dir = t.TempDir()
	if out, err := cmd.CombinedOutput(); err != nil || !strings.HasSuffix(string(out), "OK\n") {
		t.Errorf("%v\n%s", err, out)
	}
}
