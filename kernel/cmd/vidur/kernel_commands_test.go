package main

import (
	"os"
	"os/exec"
	"testing"
)

// Commands of cells arrive through the protocol, with places in code points.
func TestKernelCommands(t *testing.T) {
	python := os.Getenv("VIDUR_TEST_PYTHON")
	if python == "" || exec.Command(python, "-c", "import jupyter_client").Run() != nil {
		t.Skip("VIDUR_TEST_PYTHON names no Python with jupyter_client")
	}
	installed(t)
	if out, err := exec.Command(python, "testdata/commands.py").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
