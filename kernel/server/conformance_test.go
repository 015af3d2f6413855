package server_test

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"
)

// Clients that others wrote are run against the kernel of the tests by the Python
// that VIDUR_TEST_PYTHON names; .ci/jupyter-requirements.txt has what it needs.
func TestConformance(t *testing.T) {
	python := os.Getenv("VIDUR_TEST_PYTHON")
	if python == "" {
		python = "python3"
	}
	path := testkernel(t)
	for part, module := range map[string]string{
		"libzmq":    "zmq",
		"client":    "jupyter_client",
		"notebooks": "nbclient",
		"suite":     "jupyter_kernel_test",
	} {
		t.Run(part, func(t *testing.T) {
			if exec.Command(python, "-c", "import zmq, "+module).Run() != nil {
				t.Skipf("%s has no %s: VIDUR_TEST_PYTHON names a Python with .ci/jupyter-requirements.txt", python, module)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, python, "testdata/conformance.py", part, path, t.TempDir())
			cmd.WaitDelay = 5 * time.Second // for a kernel that a failed part left behind
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
