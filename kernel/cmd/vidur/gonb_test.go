package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/govidur/govidur/kernel/notebook"
)

// gonbOnly are the cells that the notebooks for GoNB have beside the others.
var gonbOnly = map[string]bool{"gonb": true, "modules": true}

func openNotebook(t *testing.T, path string) *notebook.Notebook {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n, err := notebook.Read(data)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return n
}

// plainCell is a cell of GoNB as one of this kernel: without the line from which on
// it is main, and with its last value as an expression.
func plainCell(code string) string {
	before, main, found := strings.Cut(code, "%%\n")
	if !found {
		return code
	}
	body, value, found := strings.Cut(main, "nb.Display(")
	if found {
		main = body + strings.TrimSuffix(value, ")")
	}
	return before + main
}

// A notebook for GoNB says the same as the one for this kernel.
func TestGoNBNotebooksSayTheSame(t *testing.T) {
	paths, err := filepath.Glob("../../../notebooks/gonb/*.ipynb")
	if err != nil || len(paths) == 0 {
		t.Fatal("no notebooks for GoNB", err)
	}
	for _, path := range paths {
		name := filepath.Base(path)
		ours := openNotebook(t, filepath.Join("../../../notebooks", name)).Cells
		for _, c := range openNotebook(t, path).Cells {
			if gonbOnly[c.ID] {
				continue
			}
			if len(ours) == 0 {
				t.Fatalf("%s: cell %s is not in the notebook for this kernel", name, c.ID)
			}
			text := c.Source
			if c.Kind == notebook.Code {
				text = plainCell(text)
			}
			if want := ours[0]; c.ID != want.ID || text != want.Source {
				t.Errorf("%s: cell %s for GoNB, as a cell of this kernel:\n%s\n\ncell %s for this kernel:\n%s", name, c.ID, text, want.ID, want.Source)
			}
			ours = ours[1:]
		}
		if len(ours) > 0 {
			t.Errorf("%s: cell %s is not in the notebook for GoNB", name, ours[0].ID)
		}
	}
}

// runGoNB executes the notebook that is its argument, in the present folder, and
// prints the MIME types of what each cell has shown.
const runGoNB = `
import json, sys, nbformat
from nbclient import NotebookClient
n = nbformat.read(sys.argv[1], 4)
NotebookClient(n, kernel_name='gonb', timeout=300, shutdown_kernel='graceful').execute()
print(json.dumps({c.id: shown for c in n.cells if (shown := [list(o.data) for o in c.get('outputs', []) if 'data' in o])}))
`

// shownInGoNB says what the cells of each notebook show there.
var (
	table       = []string{"text/html", "text/markdown", "text/plain"}
	figure      = []string{"image/png", "image/svg+xml", "text/plain"}
	shownInGoNB = map[string]map[string][][]string{
		"quickstart": {
			"run": {table}, "distributions": {figure}, "slowest": {table},
			"sweep": {figure, table}, "verdict": {table},
		},
		"schedulers": {
			"load": {figure}, "timelines": {figure}, "stalls": {figure},
			"chunks": {figure}, "batch": {figure}, "tradeoff": {figure},
		},
	}
)

// small are the parameters of a quick run.
var small = regexp.MustCompile(` (requests|seeds) +(= )\d+`)

// Both notebooks run in GoNB, show all their tables and figures, save the figures, and leave
// no process behind.
func TestGoNB(t *testing.T) {
	skip := t.Skip
	if os.Getenv("VIDUR_NEED_GONB") != "" { // where it has been set up and must not be left out unnoticed
		skip = t.Fatal
	}
	python := os.Getenv("VIDUR_TEST_PYTHON")
	if python == "" || exec.Command(python, "-c", "import nbclient").Run() != nil {
		skip("VIDUR_TEST_PYTHON names no Python with nbclient")
	}
	if testing.Short() {
		t.Skip("GoNB compiles every cell")
	}
	specs, err := filepath.Abs("../../../build/gonb")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(specs, "kernels/gonb/kernel.json")); err != nil {
		skip("GoNB is not set up: make gonb")
	}
	for name := range shownInGoNB {
		t.Run(name, func(t *testing.T) {
			n := openNotebook(t, filepath.Join("../../../notebooks/gonb", name+".ipynb"))
			for _, c := range n.Cells {
				if c.Tagged("parameters") {
					c.Source = small.ReplaceAllString(c.Source, " $1 ${2}60")
				}
			}
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "n.ipynb"), n.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			var shown map[string][][]string
			if err := json.Unmarshal(inGoNB(t, python, specs, dir), &shown); err != nil {
				t.Fatal(err)
			}
			if want := shownInGoNB[name]; !reflect.DeepEqual(shown, want) {
				t.Errorf("cells show %v, want %v", shown, want)
			}
			if figures, _ := filepath.Glob(filepath.Join(dir, name+"-*.pdf")); len(figures) == 0 {
				t.Error("no figure is saved")
			}
		})
	}
}

// inGoNB runs the notebook in a folder and returns what the script prints.
func inGoNB(t *testing.T, python, specs, dir string) []byte {
	t.Helper()
	mark := "VIDUR_TEST_GONB=" + dir
	cmd := exec.CommandContext(t.Context(), python, "-c", runGoNB, "n.ipynb")
	cmd.Dir, cmd.Stderr, cmd.WaitDelay = dir, t.Output(), time.Second
	cmd.Env = append(os.Environ(), mark, "JUPYTER_PATH="+specs, "TMPDIR="+dir, "VIDUR_FIGURES=")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	left := func() (list []string) {
		environs, _ := filepath.Glob("/proc/[0-9]*/environ") // none where there is no /proc
		for _, path := range environs {
			if env, err := os.ReadFile(path); err == nil && strings.Contains(string(env), mark) {
				list = append(list, filepath.Base(filepath.Dir(path)))
			}
		}
		return list
	}
	for end := time.Now().Add(hang); len(left()) > 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("processes %v are left", left())
		}
	}
	return out
}
