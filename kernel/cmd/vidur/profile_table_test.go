package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// predictedProfile writes a predicted layerwise profile into a file.
func predictedProfile(t *testing.T, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sim.json")
	r := do(append([]string{"profile", "table", "--batch", "4", "--prompt", "64", "--steps", "6", "--model", "llama-3-8b", "--device", "h100", "-o", path}, args...)...)
	if r.status != 0 || r.out != "" {
		t.Fatal(r)
	}
	return path
}

// A predicted profile prints the same from its file as at once, in every form, and
// names what there is to print.
func TestProfileTable(t *testing.T) {
	path := predictedProfile(t, "--tp", "2")
	for _, more := range [][]string{
		{}, {"--phase", "decode_6"}, {"--phase", "decode_2", "--table", "model"}, {"--json"}, {"--csv", "--table", "model"}, {"--phase", "prefill", "--json", "--table", "model"},
	} {
		file := do(append([]string{"profile", "table", path}, more...)...)
		direct := do(append([]string{"profile", "table", "--batch", "4", "--prompt", "64", "--steps", "6", "--model", "llama-3-8b", "--device", "h100", "--tp", "2"}, more...)...)
		if file.status != 0 || file.out != direct.out || file.out == "" {
			t.Errorf("%q: %+v, %+v", more, file, direct)
		}
	}
	r := do("profile", "table", path)
	if lines := strings.Split(r.out, "\n"); len(lines[0]) != 80+12+12+15+9 || lines[1] != strings.Repeat("=", 128) || !strings.Contains(r.out, "|--- all_reduce") {
		t.Error(r.out)
	}
	csv := filepath.Join(t.TempDir(), "x_prefill_summary_table.csv")
	if err := os.WriteFile(csv, []byte(do("profile", "table", path, "--csv").out), 0o666); err != nil {
		t.Fatal(err)
	}
	if again := do("profile", "table", csv); again.out != r.out || !strings.Contains(again.err, "does not say model") {
		t.Errorf("from CSV:\n%s%s", again.out, again.err)
	}
	if r := do("profile", "table", path, "--phase", "decode_7"); r.status != exitBad || !strings.Contains(r.err, "decode_6") {
		t.Error(r)
	}
	var list []any
	if err := json.Unmarshal([]byte(do("profile", "table", path, "--json").out), &list); err != nil || len(list) != 3 {
		t.Errorf("%d roots, %v", len(list), err)
	}
}

// Times of a folder of profiles are learnt from it.
func TestProfileTableOfProfiles(t *testing.T) {
	dir := profiles(t)
	args := append([]string{"--batch", "8", "--prompt", "16", "--phase", "decode_1"}, onA40...)
	with, without := do(append([]string{"profile", "table", dir}, args...)...), do(append([]string{"profile", "table"}, args...)...)
	if with.status != 0 || without.status != 0 || with.out == without.out {
		t.Error(with, without)
	}
}

func TestProfilePlot(t *testing.T) {
	path, dir := predictedProfile(t), t.TempDir()
	for i, more := range [][]string{{}, {"--level", "kernel"}, {"--plot-metric", "pct_cuda_time", "--top-k", "3"}, {"--step-plot-interval", "1", "--width", "6.9"}} {
		out := filepath.Join(dir, string(rune('a'+i))+".svg")
		if r := do(append([]string{"profile", "plot", path, "-o", out}, more...)...); r.status != 0 {
			t.Error(more, r)
		}
		text, err := os.ReadFile(out)
		if err != nil || !bytes.Contains(text, []byte("decode_")) || !bytes.Contains(text, []byte("Meta-Llama-3-8B")) {
			t.Errorf("%q: %v", more, err)
		}
	}
	for _, figure := range [][]string{{"--figure", "roofline"}, {"--figure", "fidelity"}, {"--figure", "fidelity", "--analytic"}} {
		out := filepath.Join(dir, "p.png")
		r := do(append(append([]string{"profile", "plot", profiles(t), "-o", out}, onA40...), figure...)...)
		if r.status != 0 {
			t.Error(figure, r)
		}
		if err := os.Remove(out); err != nil {
			t.Error(err)
		}
	}
}

func TestProfileTableMisuse(t *testing.T) {
	path, dir := predictedProfile(t), t.TempDir()
	broken := filepath.Join(dir, "broken.json")
	if err := os.WriteFile(broken, []byte("{\"context\": {},\n\"prefill\": 1}"), 0o666); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "x.svg")
	for _, v := range []struct {
		want string
		args []string
	}{
		{"--batch and --prompt", []string{"table", "--phase", "prefill"}},
		{"no such file", []string{"table", filepath.Join(dir, "none.json")}},
		{"broken.json:2", []string{"table", broken}},
		{`no table "sum"`, []string{"table", path, "--table", "sum"}},
		{"either", []string{"table", path, "--json", "--csv"}},
		{"pipeline stages", []string{"table", "--batch", "1", "--prompt", "1", "--pp", "2"}},
		{"negative", []string{"table", "--batch", "-1", "--prompt", "1"}},
		{"-o FIGURE", []string{"plot", path}},
		{"level", []string{"plot", path, "-o", out, "--level", "op"}},
		{"at least 1", []string{"plot", path, "-o", out, "--top-k", "0"}},
		{"gif", []string{"plot", path, "-o", filepath.Join(dir, "x.gif")}},
		{"no profile of", []string{"plot", dir, "-o", out}},
	} {
		r := do(append([]string{"profile"}, v.args...)...)
		if r.status != exitBad || !strings.Contains(r.err, v.want) {
			t.Errorf("%q: %+v, want %q", v.args, r, v.want)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("what failed left %v", entries)
	}
	for _, verb := range []string{"table", "plot"} {
		if r := do("profile", verb, "--help"); r.status != 0 || !strings.Contains(r.out, "vidur profile "+verb) {
			t.Error(r)
		}
	}
}
