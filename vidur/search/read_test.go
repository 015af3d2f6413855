package search

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// written writes results as the command does, in the simplest way.
func written(t *testing.T, r *Results) string {
	t.Helper()
	dir := t.TempDir()
	var text strings.Builder
	text.WriteString(strings.Join(r.Names(), ",") + "\n")
	for _, row := range r.Rows() {
		var cells []string
		for _, c := range row.Point {
			cells = append(cells, fmt.Sprint(c.Value))
		}
		cells = append(cells, strings.ReplaceAll(fmt.Sprintf("%q", row.text()), `\"`, `""`))
		for _, v := range row.Figures {
			cell := fmt.Sprint(v)
			if v != v {
				cell = ""
			}
			cells = append(cells, cell)
		}
		text.WriteString(strings.Join(cells, ",") + "\n")
	}
	about, err := json.Marshal(r.About())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{ResultsFile: text.String(), AboutFile: string(about)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestReadResults: what is read back is what was written, the answers of Front and
// Best included.
func TestReadResults(t *testing.T) {
	want := mustCapacity(t, small(), append(points()[:2:2], Choose("on", Choice{Label: true}, Choice{Label: false}), Choose("x", Choice{Label: 0.5}))...)
	dir := written(t, want)
	got, about, err := ReadResults(dir)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := dump(t, got), dump(t, want); a != b {
		t.Errorf("%s\nis not\n%s", a, b)
	}
	if fmt.Sprint(about) != fmt.Sprint(want.About()) || fmt.Sprint(got.About()) != fmt.Sprint(about) || about.Points != 8 || about.Errors != 4 {
		t.Errorf("%+v", about)
	}
	goals := []Goal{Max("qps_per_usd"), Min("ttft_p90_s")}
	a, err1 := got.Front(goals, AtMost("delay_p99_s", 5))
	b, err2 := want.Front(goals, AtMost("delay_p99_s", 5))
	if fmt.Sprint(a, err1) != fmt.Sprint(b, err2) || len(a) == 0 {
		t.Error(a, err1, b, err2)
	}
	if len(got.ProbeTable().rows) != 0 {
		t.Error("there are probes")
	}
}

func TestReadResultsErrors(t *testing.T) {
	good := func() string { return written(t, mustSweep(t, small(), Over("chunk", 256, 512))) }
	for what, c := range map[string]struct{ file, old, new, want string }{
		"no JSON":          {AboutFile, `{`, `[`, AboutFile + ": invalid character"},
		"another axis":     {AboutFile, `"chunk"`, `"tp"`, `column 1 is "chunk", not "tp"`},
		"another type":     {AboutFile, `"int"`, `"complex"`, `line 2: axis chunk has the type "complex"`},
		"no error column":  {ResultsFile, "error", "mistake", `column 2 is not "error"`},
		"no number":        {ResultsFile, "256", "many", `line 2: chunk: "many" is no int`},
		"a short row":      {ResultsFile, "\n512,", "\n", "record on line 3"},
		"a figure of text": {ResultsFile, `"",`, `"",x`, "line 2: ttft_mean_s: \"x"},
		"another number":   {AboutFile, `"points":2`, `"points":3`, ResultsFile + ": it is cut short: 2 of 3 rows"},
	} {
		dir := good()
		path := filepath.Join(dir, c.file)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), c.old, c.new, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, _, err := ReadResults(dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, _, err := ReadResults(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no results") {
		t.Error(err)
	}
}

// TestAxisAgain: rows can be had again from what a file of results says of their axes,
// of the original's generators too.
func TestAxisAgain(t *testing.T) {
	base := small()
	base.Original = true
	for name, axis := range map[string]Option{"Seeds": Seeds(3, 4), "Over": Over("seed", 3, 4), "Zip": Zip(Seeds(3, 4), Over("chunk", 256, 512))} {
		r := mustSweep(t, base, axis)
		var again []Option
		for _, a := range r.About().Axes {
			column, err := r.Column(a.Name)
			if err != nil {
				t.Fatal(err)
			}
			o, err := a.Over(flatten([]any{column})...)
			if err != nil {
				t.Fatal(err)
			}
			again = append(again, o)
		}
		if got := mustSweep(t, base, Zip(again...)); dump(t, got) != dump(t, r) {
			t.Errorf("%s: other results", name)
		}
	}
	a := Axis{Name: "mine", Type: "int"}
	_, err := a.Over(1)
	wants(t, err, "mine is no parameter")
	a = Axis{Name: "seed", Type: "float64", Seeds: true}
	_, err = a.Over(1.5)
	wants(t, err, "1.5 is no seed")
}
