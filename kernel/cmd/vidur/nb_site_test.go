package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// drawing is a notebook that saves and shows a figure.
var drawing = []nbCell{
	{"rate := 2.0", "parameters"},
	{`import "github.com/govidur/govidur/vidur/plots"

fig, err := plots.CDF("x (s)", plots.Values("one", []float64{1, 2, 3 * rate}))
nb.Check(err)
nb.ShowFigure("draw-cdf", fig)`, ""},
}

// TestNBFigures: published figures are those that are made again, and a changed
// parameter moves them.
func TestNBFigures(t *testing.T) {
	t.Chdir(t.TempDir())
	nbFile(t, "draw.ipynb", drawing...)
	run := func(dir, rate string) {
		t.Helper()
		if r := process(t, "", "nb", "run", "draw.ipynb", "--figures", dir, "-o", "out.ipynb", "-p", "rate="+rate); r.status != 0 {
			t.Fatalf("%+v", r)
		}
	}
	run("made/a", "2.0")
	good(t, "nb", "figures", "--publish", ".", "made/a")
	run("again", "2.0")
	if r := good(t, "nb", "figures", "again", "--check", "."); r.out != "" {
		t.Error(r.out)
	}
	if files, err := filepath.Glob("draw-*"); err != nil || len(files) != 0 {
		t.Error("figures beside the notebook", files)
	}
	note, _ := os.ReadFile("again/draw-cdf.json")
	if !strings.Contains(string(note), "\"name\": \"rate\",\n      \"value\": 2\n") {
		t.Errorf("%s", note)
	}
	run("moved", "2.5")
	r := do("nb", "figures", "--check", ".", "moved")
	if r.status != exitFailed || !strings.Contains(r.out, "draw-cdf: 1 one line: x: the mean is 2.875, was 2.5") || !strings.Contains(r.out, "draw-cdf.svg has other bytes") {
		t.Errorf("%+v", r)
	}
	for _, args := range []string{"", "made/a", "made/a again --check .", "--check . --publish . made/a", "--check nowhere made/a", "--check . nowhere"} {
		if r := do(append([]string{"nb", "figures"}, strings.Fields(args)...)...); r.status != exitBad || strings.Count(r.err, "\n") != 1 {
			t.Errorf("%s: %+v", args, r)
		}
	}
}

// TestNBGallery: the site has the outputs, and the same bytes twice.
func TestNBGallery(t *testing.T) {
	t.Chdir(t.TempDir())
	nbFile(t, "draw.ipynb", drawing...)
	if r := process(t, "", "nb", "run", "draw.ipynb", "--figures", ".", "--in-place"); r.status != 0 {
		t.Fatalf("%+v", r)
	}
	good(t, "nb", "gallery", "draw.ipynb", "-o", "site/deep")
	good(t, "nb", "gallery", "-o", "again", "draw.ipynb")
	site, again := tree(t, "site/deep"), tree(t, "again")
	if len(site) != 6 || !strings.Contains(site["draw.html"], `<img src="draw_files/1.svg"`) || !strings.Contains(site["index.html"], `href="draw.html"`) {
		t.Error(names(site))
	}
	for name := range site {
		if site[name] != again[name] {
			t.Errorf("%s differs", name)
		}
	}
	for _, args := range []string{"", "draw.ipynb", "-o x", "-o x nosuch.ipynb", "-o x draw.ipynb ./draw.ipynb"} {
		if r := do(append([]string{"nb", "gallery"}, strings.Fields(args)...)...); r.status != exitBad || strings.Count(r.err, "\n") != 1 {
			t.Errorf("%s: %+v", args, r)
		}
	}
}
