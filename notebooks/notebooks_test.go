//go:build !race

// The race detector would take minutes for what the tests of packages look at.

// Package notebooks holds the test that runs the notebooks of this folder.
package notebooks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/kernel/notebook"
)

// shelf is the notebooks of this folder and where their runs go.
type shelf struct {
	dir     string   // this folder
	files   []string // notebooks
	vidur   string   // the command
	python  string   // with nbclient; empty if there is none
	figures string   // of the first run
	out     string   // notebooks that were run
}

func openShelf(t *testing.T) *shelf {
	t.Helper()
	if testing.Short() {
		t.Skip("the notebooks take long")
	}
	home := t.TempDir()
	for name, value := range map[string]string{
		"VIDUR_SHARED":  "none", // published figures need nothing but the repository
		"VIDUR_FIGURES": "", "SOURCE_DATE_EPOCH": "", "JUPYTER_PATH": filepath.Join(home, "share", "jupyter"),
	} {
		t.Setenv(name, value)
	}
	s := &shelf{vidur: filepath.Join(home, "vidur"), python: os.Getenv("VIDUR_TEST_PYTHON"), figures: t.TempDir(), out: t.TempDir()}
	if said, err := exec.Command("go", "build", "-o", s.vidur, "../kernel/cmd/vidur").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if r := s.run("kernel", "install", "--prefix", home); r.status != 0 {
		t.Fatalf("%+v", r)
	}
	var err error
	if s.dir, err = os.Getwd(); err != nil {
		t.Fatal(err)
	}
	if s.files = notebooksIn(t, s.dir); len(s.files) == 0 {
		t.Fatal("there are no notebooks")
	}
	if s.python == "" || exec.Command(s.python, "-c", "import nbclient").Run() != nil {
		t.Log("VIDUR_TEST_PYTHON names no Python with nbclient: vidur nb run stands in for it")
		s.python = ""
	}
	return s
}

// result is what a run of the command did.
type result struct {
	status   int
	out, err string
}

// run runs the command.
func (s *shelf) run(args ...string) result {
	var out, errs bytes.Buffer
	cmd := exec.Command(s.vidur, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run() // its status is looked at
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// first is the path of a notebook that was run.
func (s *shelf) first(file string) string { return filepath.Join(s.out, filepath.Base(file)) }

// TestNotebooks runs every notebook of this folder as vidur nb run does, as Jupyter
// does, and with another seed.
func TestNotebooks(t *testing.T) {
	s := openShelf(t)
	for _, file := range s.files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".ipynb"), func(t *testing.T) {
			s.stored(t, file)
			r := s.run("nb", "run", "--figures", s.figures, "-o", s.first(file), file)
			if r.status != 0 || r.out != "" || r.err != "" {
				t.Fatalf("%+v", r)
			}
			s.filled(t, file)
			s.again(t, file)
			s.seed(t, file)
		})
	}
	t.Run("broken", s.broken)
	t.Run("missing", s.missing)
	t.Run("untimed", s.untimed)
	if t.Failed() {
		return
	}
	site := t.TempDir()
	if r := s.run(append([]string{"nb", "gallery", "-o", site}, notebooksIn(t, s.out)...)...); r.status != 0 {
		t.Errorf("%+v", r)
	}
	if r := s.run("nb", "figures", "--check", filepath.Join(s.dir, "figures"), s.figures); r.status != 0 {
		t.Errorf("the figures are not the published ones; if they should be, make figures-publish:\n%s%s", r.out, r.err)
	}
}

// notebooksIn are the notebooks in a folder.
func notebooksIn(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// stored checks how a notebook is stored.
func (s *shelf) stored(t *testing.T, file string) {
	t.Helper()
	if r := s.run("nb", "check", "--clean", file); r.status != 0 {
		t.Errorf("%+v", r)
	}
	text, n := read(t, file)
	kernel, _ := n.Metadata["kernelspec"].(map[string]any)
	if kernel["name"] != "vidur" || kernel["display_name"] != "Go (vidur)" || kernel["language"] != "go" {
		t.Errorf("it is for the kernel %v", kernel)
	}
	parameters := 0
	for _, c := range n.Cells {
		if c.Tagged("parameters") {
			parameters++
		}
	}
	if parameters != 1 {
		t.Errorf("%d cells are tagged parameters", parameters)
	}
	if n.Strip(); !bytes.Equal(n.Bytes(), text) {
		t.Error("it is not as vidur nb strip writes it")
	}
}

// filled checks that no cell stores an output in which there is nothing, as a bar of
// progress would leave.
func (s *shelf) filled(t *testing.T, file string) {
	t.Helper()
	_, n := read(t, s.first(file))
	for i, c := range n.Cells {
		for _, o := range c.Outputs {
			data, shows := o["data"].(map[string]any)
			if text, _ := data["text/plain"].(string); shows && text == "" {
				t.Errorf("cell %d has an empty output: %v", i+1, o)
			}
		}
	}
}

// again runs a notebook a second time, in Jupyter's client, and compares outputs and
// figures.
func (s *shelf) again(t *testing.T, file string) {
	t.Helper()
	figures := t.TempDir()
	if s.python == "" {
		out := filepath.Join(t.TempDir(), "again.ipynb")
		r := s.run("nb", "run", "--figures", figures, "-o", out, file)
		a, _ := os.ReadFile(s.first(file))
		if b, err := os.ReadFile(out); r.status != 0 || err != nil || !bytes.Equal(a, b) {
			t.Errorf("the second run is not the first: %+v", r)
		}
	} else {
		cmd := exec.Command(s.python, "-W", "ignore", "../kernel/cmd/vidur/testdata/nb_test.py", file, s.first(file))
		cmd.Env = append(os.Environ(), "VIDUR_FIGURES="+figures)
		if said, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(said), "same") {
			t.Errorf("%v\n%s", err, said)
		}
	}
	name := strings.TrimSuffix(filepath.Base(file), ".ipynb")
	list, err := os.ReadDir(figures)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		a, _ := os.ReadFile(filepath.Join(s.figures, f.Name()))
		if b, err := os.ReadFile(filepath.Join(figures, f.Name())); err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs the second time: %v", f.Name(), err)
		}
		if !strings.HasPrefix(f.Name(), name+"-") {
			t.Errorf("the figure %s is not named %s-…", f.Name(), name)
		}
	}
}

// seed runs a notebook with another seed, if that is a parameter.
func (s *shelf) seed(t *testing.T, file string) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "seed.ipynb")
	r := s.run("nb", "run", "-p", "seed=77", "--figures", t.TempDir(), "-o", out, file)
	if strings.Contains(r.err, `unknown parameter "seed"`) {
		t.Log("it has no seed")
		return
	}
	if r.status != 0 {
		t.Fatalf("%+v", r)
	}
	if bytes.Equal(outputs(t, out), outputs(t, s.first(file))) {
		t.Error("another seed changes nothing")
	}
}

// read reads a notebook.
func read(t *testing.T, file string) ([]byte, *notebook.Notebook) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	n, err := notebook.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	return text, n
}

// outputs are the outputs of a notebook without their counts.
func outputs(t *testing.T, file string) []byte {
	t.Helper()
	_, n := read(t, file)
	var all [][]notebook.Output
	for _, c := range n.Cells {
		for _, o := range c.Outputs {
			delete(o, "execution_count")
		}
		if !c.Tagged("injected-parameters") && c.Kind == notebook.Code {
			all = append(all, c.Outputs)
		}
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// broken: a mistake in a notebook is found where it is, and so is a number that was
// changed by hand.
func (s *shelf) broken(t *testing.T) {
	file := s.files[max(slices.Index(s.files, filepath.Join(s.dir, "quickstart.ipynb")), 0)]
	dir := t.TempDir()
	store := func(name string, n *notebook.Notebook) (path string) {
		path = filepath.Join(dir, name)
		if err := os.WriteFile(path, n.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	_, n := read(t, s.first(file))
	change(t, n)
	r := s.run("nb", "verify", "--figures", dir, store("changed.ipynb", n))
	if r.status != 1 || strings.Count(r.out, " differs (") != 1 || strings.Count(r.out, "\n- ") != 1 || strings.Count(r.out, "\n+ ") != 1 {
		t.Errorf("%+v", r)
	}
	_, n = read(t, file)
	at := slices.IndexFunc(n.Cells, func(c *notebook.Cell) bool { return c.Tagged("parameters") })
	n.Cells[at].Source += "\n\n1 + \"one\""
	r = s.run("nb", "run", "--figures", dir, "-o", filepath.Join(dir, "out.ipynb"), store("broken.ipynb", n))
	line := 1 + strings.Count(n.Cells[at].Source, "\n")
	place := regexp.MustCompile(fmt.Sprintf(`(?s)broken\.ipynb: cell %d \(In\[\d+\]\): compile error: .*\nIn\[\d+\]:%d:\d+: `, at+1, line))
	if r.status != 1 || !place.MatchString(r.err) {
		t.Errorf("%+v, want %v", r, place)
	}
}

// missing: without the data that a notebook may use it says in a sentence what is left
// out, and goes on.
func (s *shelf) missing(t *testing.T) {
	dir := t.TempDir()
	text, err := os.ReadFile(filepath.Join(s.dir, "fidelity.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	alone, out := filepath.Join(dir, "fidelity.ipynb"), filepath.Join(dir, "out.ipynb")
	if err := os.WriteFile(alone, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if r := s.run("nb", "run", "--figures", dir, "-o", out, alone); r.status != 0 || r.err != "" {
		t.Fatalf("%+v", r)
	}
	said := outputs(t, out)
	for _, want := range []string{"There are no runs and profiles of the original at hand", "There is no folder data/original beside this notebook"} {
		if bytes.Count(said, []byte(want)) != 1 {
			t.Errorf("it does not say once: %s", want)
		}
	}
	figures, _ := filepath.Glob(filepath.Join(dir, "*.svg"))
	if len(figures) != 1 || filepath.Base(figures[0]) != "fidelity-published.svg" {
		t.Errorf("its figures are %v", figures)
	}
}

// untimed: a trace of one's own that has no times is an error that says so.
func (s *shelf) untimed(t *testing.T) {
	trace := filepath.Join(t.TempDir(), "only lengths.csv")
	if err := os.WriteFile(trace, []byte("num_prefill_tokens,num_decode_tokens\n100,20\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := s.run("nb", "run", "-p", "trace="+trace, "-o", filepath.Join(t.TempDir(), "out.ipynb"), filepath.Join(s.dir, "workloads.ipynb"))
	if r.status != 1 || !strings.Contains(r.err, "only lengths.csv has lengths and no times") {
		t.Errorf("%+v", r)
	}
}

// change changes one digit of one output.
func change(t *testing.T, n *notebook.Notebook) {
	t.Helper()
	for _, c := range n.Cells {
		for _, o := range c.Outputs {
			data, _ := o["data"].(map[string]any)
			plain, _ := data["text/plain"].(string)
			if at := strings.LastIndexAny(plain, "12345678"); at >= 0 && strings.Contains(plain, "\n") {
				data["text/plain"] = plain[:at] + string(plain[at]+1) + plain[at+1:]
				return
			}
		}
	}
	t.Fatal("no number is shown")
}
