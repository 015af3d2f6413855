package browser

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Jupyter is a server with JupyterLab and Notebook, which is ended with the test.
type Jupyter struct {
	URL string // without a slash at its end
	Dir string // the folder of notebooks
}

// settings are what a front end would otherwise ask a user or another server about.
var settings = map[string]map[string]any{
	"@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": false, "doNotDisturbMode": true},
	"@jupyterlab/docmanager-extension/plugin":     {"autosave": false},
}

// StartJupyter starts a server in an environment of its own. Kernels are found where
// JUPYTER_PATH says. The test is skipped if python has no JupyterLab or Notebook.
func StartJupyter(t *testing.T, python string) *Jupyter {
	t.Helper()
	if python == "" || exec.Command(python, "-c", "import jupyterlab, notebook").Run() != nil {
		t.Skip("VIDUR_TEST_PYTHON names no Python with jupyterlab and notebook; see .ci/jupyter-requirements.txt")
	}
	home := t.TempDir()
	j := &Jupyter{Dir: filepath.Join(home, "notebooks")}
	if err := os.Mkdir(j.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, s := range settings {
		writeJSON(t, filepath.Join(home, "settings", filepath.FromSlash(name)+".jupyterlab-settings"), s)
	}
	port := freePort(t)
	j.URL = fmt.Sprintf("http://127.0.0.1:%d", port)
	log, err := os.Create(filepath.Join(home, "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-m", "jupyter_server", "--ServerApp.ip=127.0.0.1", fmt.Sprintf("--ServerApp.port=%d", port),
		"--ServerApp.port_retries=0", "--ServerApp.open_browser=False", "--ServerApp.allow_root=True",
		"--IdentityProvider.token=", "--ServerApp.root_dir="+j.Dir, "--FileContentsManager.delete_to_trash=False",
		"--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True")
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(os.Environ(), "JUPYTER_CONFIG_DIR="+filepath.Join(home, "config"), "JUPYTER_DATA_DIR="+filepath.Join(home, "data"),
		"JUPYTER_RUNTIME_DIR="+filepath.Join(home, "runtime"), "IPYTHONDIR="+filepath.Join(home, "ipython"),
		"JUPYTERLAB_SETTINGS_DIR="+filepath.Join(home, "settings"), "JUPYTERLAB_WORKSPACES_DIR="+filepath.Join(home, "workspaces"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, cmd, log) })
	answers(t, port)
	return j
}

// stop ends the server, which ends its kernels.
func stop(t *testing.T, cmd *exec.Cmd, log *os.File) {
	cmd.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(Patience, func() { cmd.Process.Kill() })
	cmd.Wait()
	late.Stop()
	log.Close()
	if text, err := os.ReadFile(log.Name()); err == nil && t.Failed() {
		t.Logf("the server's log:\n%s", text)
	}
}

// answers waits until the server takes connections.
func answers(t *testing.T, port int) {
	t.Helper()
	for end := time.Now().Add(Patience); ; <-time.After(lookEvery) {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			c.Close()
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the server does not answer: %v", err)
		}
	}
}

// freePort is one that nobody listens at.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func writeJSON(t testing.TB, path string, v any) {
	t.Helper()
	text, err := json.Marshal(v)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Write makes a notebook of code cells, for the kernel of a name.
func (j *Jupyter) Write(t testing.TB, name, kernel string, code ...string) {
	t.Helper()
	cells := []any{}
	for i, c := range code {
		cells = append(cells, map[string]any{
			"cell_type": "code", "id": fmt.Sprintf("cell%d", i), "execution_count": nil,
			"metadata": map[string]any{}, "outputs": []any{}, "source": c,
		})
	}
	spec := map[string]any{"name": kernel, "display_name": kernel, "language": "go"}
	writeJSON(t, filepath.Join(j.Dir, name+".ipynb"), map[string]any{
		"cells": cells, "metadata": map[string]any{"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5,
	})
}
