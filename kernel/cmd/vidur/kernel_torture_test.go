package main

import (
	"os"
	"os/exec"
	"testing"
)

// testdata/torture.ipynb tries everything that a cell can do. Each cell says what
// it must show; two runs of nbclient and one of papermill show the same.
func TestKernelTorture(t *testing.T) {
	python := os.Getenv("VIDUR_TEST_PYTHON")
	if python == "" {
		t.Skip("VIDUR_TEST_PYTHON names no Python with nbclient and papermill")
	}
	if exec.Command(python, "-c", "import nbclient, papermill").Run() != nil {
		t.Skipf("%s has no nbclient or no papermill", python)
	}
	installed(t)
	t.Setenv("TMPDIR", t.TempDir()) // for what is too long to be shown
	out, err := exec.Command(python, "testdata/torture.py", "testdata/torture.ipynb", t.TempDir()).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}
