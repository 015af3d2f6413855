package nb

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

type fake struct{ fails string }

func (f fake) Bytes(format string) ([]byte, error) {
	if format == f.fails {
		return nil, errors.New("cannot draw")
	}
	return []byte("bytes of " + format), nil
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestSaveFigure(t *testing.T) {
	defer SetHost(&Host{Args: []string{"--qps", "8"}})()
	p := struct {
		QPS   float64 `unit:"requests/s"`
		Inf   []float64
		Limit time.Duration
	}{4, []float64{1, math.Inf(1)}, time.Second}
	Params(&p)
	dir := t.TempDir()
	paths, err := SaveFigure(filepath.Join(dir, "a/b/fig3"), fake{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range paths {
		names = append(names, filepath.Base(p))
	}
	if strings.Join(names, " ") != "fig3.svg fig3.png fig3.pdf fig3.csv fig3.json" || read(t, paths[2]) != "bytes of pdf" {
		t.Error(paths)
	}
	var note provenance
	text := read(t, paths[4])
	if err := json.Unmarshal([]byte(text), &note); err != nil {
		t.Fatal(err)
	}
	want := []savedParam{{"qps", 8.0, "requests/s"}, {"inf", []any{1.0, "+Inf"}, ""}, {"limit", "1s", ""}}
	if note.Figure != "fig3" || !reflect.DeepEqual(note.Parameters, want) || !reflect.DeepEqual(note.Build, Info()) ||
		len(note.Files) != 4 || note.Files[0] != (Hash{"fig3.svg", sum([]byte("bytes of svg"))}) {
		t.Error(text)
	}
	if _, err := SaveFigure(filepath.Join(dir, "a/b/fig3"), fake{}); err != nil || read(t, paths[4]) != text {
		t.Error("the second time is not the same", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "a/b/.*")); err != nil || len(left) != 0 {
		t.Error(left)
	}
}

// TestSaveFigureOfNotebook: a notebook has its parameters in variables, and the
// environment says where its figures go.
func TestSaveFigureOfNotebook(t *testing.T) {
	defer SetHost(&Host{Parameters: func() []Variable {
		return []Variable{{"seed", "42"}, {"model", `"llama"`}, {"loads", "[1 2.5]"}, {"limit", "2s"}}
	}})()
	dir := filepath.Join(t.TempDir(), "figures")
	t.Setenv("VIDUR_FIGURES", dir)
	t.Chdir(t.TempDir())
	paths, err := SaveFigure("sub/fig", fake{})
	if err != nil || paths[4] != filepath.Join(dir, "sub", "fig.json") {
		t.Fatal(paths, err)
	}
	var note provenance
	if err := json.Unmarshal([]byte(read(t, paths[4])), &note); err != nil {
		t.Fatal(err)
	}
	want := []savedParam{{"seed", 42.0, ""}, {"model", "llama", ""}, {"loads", "[1 2.5]", ""}, {"limit", "2s", ""}}
	if !reflect.DeepEqual(note.Parameters, want) {
		t.Error(note.Parameters)
	}
	whole := filepath.Join(t.TempDir(), "whole")
	if paths, err = SaveFigure(whole, fake{}); err != nil || paths[0] != whole+".svg" {
		t.Error(paths, err)
	}
}

func TestSaveFigureFormats(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]string{
		"one.pdf":   "one.pdf one.csv one.json",
		"two.SVG":   "two.svg two.csv two.json",
		"three.eps": "three.eps three.csv three.json",
		"run2.5":    "run2.5.svg run2.5.png run2.5.pdf run2.5.csv run2.5.json",
	} {
		paths, err := SaveFigure(filepath.Join(dir, name), fake{})
		for i := range paths {
			paths[i] = filepath.Base(paths[i])
		}
		if err != nil || strings.Join(paths, " ") != want {
			t.Errorf("%s: %v, %v", name, paths, err)
		}
	}
	for _, c := range []struct {
		name string
		fig  any
		err  string
	}{
		{"x.jpg", fake{}, "nb: figure x.jpg: there is no format jpg; there are svg, png, pdf and eps"},
		{"x", 3, "nb: figure x: a value of type int is no figure"},
		{"x", nil, "nb: figure x: a value of type <nil> is no figure"},
		{"x", (*fake)(nil), "nb: figure x: a value of type *nb.fake is no figure"},
		{"", fake{}, `nb: "" is no name for a figure`},
		{"a/", fake{}, `nb: "a/" is no name for a figure`},
		{"..", fake{}, `nb: ".." is no name for a figure`},
		{".pdf", fake{}, `nb: ".pdf" is no name for a figure`},
		{"figs/.pdf", fake{}, `nb: "figs/.pdf" is no name for a figure`},
	} {
		if paths, err := SaveFigure(c.name, c.fig); err == nil || err.Error() != c.err || paths != nil {
			t.Errorf("%q: %v, %v", c.name, paths, err)
		}
	}
	name := filepath.Join(dir, "never")
	if _, err := SaveFigure(name, fake{fails: "pdf"}); err == nil || !strings.Contains(err.Error(), "cannot draw") {
		t.Error(err)
	}
	if left, err := filepath.Glob(name + "*"); err != nil || len(left) != 0 {
		t.Error("a figure that cannot be drawn left", left)
	}
}

// TestSaveRealFigure: figures of plots and plots of gonum give the same bytes twice.
func TestSaveRealFigure(t *testing.T) {
	fig := testFigure(t)
	dir := t.TempDir()
	for name, v := range map[string]any{"figure": fig, "plot": fig.Plot} {
		first, err := SaveFigure(filepath.Join(dir, name), v)
		if err != nil {
			t.Fatal(err)
		}
		second, err := SaveFigure(filepath.Join(dir, "again", name), v)
		if err != nil {
			t.Fatal(err)
		}
		if numbers := strings.Contains(strings.Join(first, " "), ".csv"); numbers != (name == "figure") {
			t.Error(first)
		}
		for i := range first {
			if read(t, first[i]) != read(t, second[i]) {
				t.Errorf("%s differs", first[i])
			}
		}
	}
}

// TestSourceDate: the date in a file is the one that the environment gives.
func TestSourceDate(t *testing.T) {
	fig := testFigure(t)
	for epoch, want := range map[string]string{"": "20000101000000", "1700000000": "20231114221320"} {
		t.Setenv("SOURCE_DATE_EPOCH", epoch)
		name := filepath.Join(t.TempDir(), "dated.pdf")
		if _, err := SaveFigure(name, fig); err != nil || !strings.Contains(read(t, name), want) {
			t.Errorf("%q: %v", epoch, err)
		}
	}
	t.Setenv("SOURCE_DATE_EPOCH", "yesterday")
	if _, err := SaveFigure(filepath.Join(t.TempDir(), "dated"), fig); err == nil {
		t.Error("no error for a date that is none")
	}
}

func TestInfo(t *testing.T) {
	info := Info()
	if info.Module != module || info.Go == "" || len(info.Data) < 4 || len(info.Data[0].Hash) != 64 {
		t.Errorf("%+v", info)
	}
	if !reflect.DeepEqual(info, Info()) {
		t.Error("not the same twice")
	}
	info = BuildInfo{Module: "m", Version: "v1", Revision: "abc", Modified: true, Go: "go1", OS: "os", Arch: "arch", ArchTune: "v1",
		Dependencies: []Hash{{"d", "v2"}}, Data: []Hash{{"f.json", strings.Repeat("0", 64)}}}
	if got := info.String(); got != "m v1, revision abc with changes\ngo1 os/arch v1\nd v2\ndata/f.json 000000000000" {
		t.Errorf("%q", got)
	}
}
