package main

import (
	"bytes"
	"encoding/json"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// installed is a copy of the test binary, which is the command if the environment
// says so, and the folder with its kernelspec.
func installed(t *testing.T, flags ...string) (binary, prefix string) {
	t.Helper()
	prefix = t.TempDir()
	binary = filepath.Join(prefix, "vidur")
	text, err := os.ReadFile(os.Args[0])
	if err == nil {
		err = os.WriteFile(binary, text, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(asVidur, "1")
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("JUPYTER_PATH", filepath.Join(prefix, "share", "jupyter"))
	out, err := exec.Command(binary, append([]string{"kernel", "install", "--prefix", prefix}, flags...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary, prefix
}

func TestKernelInstall(t *testing.T) {
	binary, prefix := installed(t, "--name", "go-2", "--display-name", "Go <2>", "--unrestricted")
	dir := filepath.Join(prefix, "share", "jupyter", "kernels", "go-2")
	files := tree(t, dir)
	var spec map[string]any
	if err := json.Unmarshal([]byte(files["kernel.json"]), &spec); err != nil || len(files) != 3 {
		t.Fatalf("%v %v", err, files)
	}
	argv, _ := json.Marshal(spec["argv"])
	real, err := filepath.EvalSymlinks(binary)
	if err != nil {
		t.Fatal(err)
	}
	want := `["` + real + `","kernel","run","--unrestricted","{connection_file}"]`
	if string(argv) != want || spec["display_name"] != "Go <2>" || spec["language"] != "go" || spec["interrupt_mode"] != "message" || spec["metadata"] == nil {
		t.Errorf("%s", files["kernel.json"])
	}
	if m, err := png.Decode(strings.NewReader(files["logo-64x64.png"])); err != nil || m.Bounds().Dx() != 64 || m.Bounds().Dy() != 64 {
		t.Error(err)
	}
	if !strings.HasPrefix(files["logo-svg.svg"], "<svg ") {
		t.Error(files["logo-svg.svg"])
	}
	if r := good(t, "kernel", "list"); !strings.Contains(r.out, "go-2 ") || !strings.Contains(r.out, dir) || strings.Contains(r.out, "is gone") {
		t.Error(r.out)
	}
	if err := os.Remove(binary); err != nil {
		t.Fatal(err)
	}
	if r := good(t, "kernel", "list"); !strings.Contains(r.out, "is gone") {
		t.Error(r.out)
	}
	good(t, "kernel", "uninstall", "--prefix", prefix, "--name", "go-2")
	if present(dir) || !present(filepath.Dir(dir)) {
		t.Error("not removed, or more")
	}
	if r := good(t, "kernel", "list"); strings.Contains(r.out, "go-2") {
		t.Error(r.out)
	}
}

// kernelBad are arguments that are refused, and what is said.
var kernelBad = map[string]string{
	"":                                  "what?",
	"instal":                            "near: install",
	"install":                           "go run or go test",
	"install x":                         "takes 0 arguments",
	"uninstall":                         "is not installed in",
	"uninstall --name ../x":             "make a name",
	"uninstall --name ..":               "make a name",
	"uninstall --user --prefix x":       "different places",
	"uninstall --sys-prefix":            "no environment is active",
	"uninstall --name python3 --prefix": "is another kernel",
	"run":                               "takes 1 arguments",
	"run nosuch.json":                   "nosuch.json",
	"run BAD":                           "bad.json",
	"worker":                            "not started by a kernel",
}

func TestKernelRefuses(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("VIRTUAL_ENV", "")
	t.Setenv("CONDA_PREFIX", "")
	prefix := t.TempDir()
	other := filepath.Join(prefix, "share", "jupyter", "kernels", "python3")
	if err := os.MkdirAll(other, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(other, "kernel.json"), []byte(`{"argv":["python"],"language":"python"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(prefix, "bad.json")
	if err := os.WriteFile(bad, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	for args, want := range kernelBad {
		if strings.HasSuffix(args, "--prefix") {
			args += " " + prefix
		}
		args = strings.Replace(args, "BAD", bad, 1)
		cmd := exec.Command(os.Args[0], append([]string{"kernel"}, strings.Fields(args)...)...)
		cmd.Env = append(os.Environ(), asVidur+"=1")
		if strings.HasPrefix(args, "install") && !strings.HasSuffix(args, "x") && !fleeting(os.Args[0]) {
			continue // a binary that go test -c has built stays
		}
		out, _ := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != exitBad || !strings.Contains(string(out), want) {
			t.Errorf("%s: %v, %s", args, cmd.ProcessState, out)
		}
	}
	if err := writeSpec(other, &kernelSpec{}); err == nil {
		t.Error("another kernel was replaced")
	}
	if !strings.Contains(good(t, "kernel", "--help").out, "connection file") {
		t.Error("no help")
	}
}

func TestKernelPlaces(t *testing.T) {
	for _, name := range []string{"JUPYTER_DATA_DIR", "XDG_DATA_HOME", "VIRTUAL_ENV", "CONDA_PREFIX"} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", "/home/ann")
	at := func(p kernelPlace) string {
		p.name = "vidur"
		dir, err := p.dir()
		if err != nil {
			t.Error(err)
		}
		return dir
	}
	if want := "/home/ann/.local/share/jupyter/kernels/vidur"; runtime.GOOS == "linux" && at(kernelPlace{}) != want {
		t.Error(at(kernelPlace{}))
	}
	t.Setenv("JUPYTER_DATA_DIR", "/data")
	t.Setenv("VIRTUAL_ENV", "/venv")
	for want, p := range map[string]kernelPlace{
		"/data/kernels/vidur":               {user: true},
		"/venv/share/jupyter/kernels/vidur": {sys: true},
		"/pre/share/jupyter/kernels/vidur":  {prefix: "/pre"},
	} {
		if got := at(p); got != filepath.FromSlash(want) && runtime.GOOS != "windows" {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// Front ends that others wrote drive the kernel, by the Python that
// VIDUR_TEST_PYTHON names: jupyter_client, nbclient, papermill, jupyter_kernel_test.
func TestKernelFrontEnds(t *testing.T) {
	python := os.Getenv("VIDUR_TEST_PYTHON")
	if python == "" {
		t.Skip("VIDUR_TEST_PYTHON names no Python with jupyter_client")
	}
	installed(t)
	for _, part := range []string{"jupyter_kernel_test", "jupyter_client", "nbclient", "papermill"} {
		t.Run(part, func(t *testing.T) {
			if exec.Command(python, "-c", "import "+part).Run() != nil {
				t.Skipf("%s has no %s", python, part)
			}
			cmd := exec.Command(python, "testdata/kernel_test.py", part, t.TempDir())
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Run(); err != nil {
				t.Errorf("%v\n%s", err, &out)
			}
			t.Log(out.String())
		})
	}
}
