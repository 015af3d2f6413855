package imports

import (
	"context"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/profile"
	"github.com/govidur/govidur/vidur/exectime/trained"
)

var update = flag.Bool("update", false, "write the golden files of core imports anew")

// small is a model of two layers, so that golden files are small.
func small(t testing.TB, tp int) vidur.ReplicaSpec {
	spec := replica(t, "llama-3-8b", "a100", tp)
	spec.Model.Name, spec.Model.Layers = "maker/small", 2
	return spec
}

// converted is the result of a fixture that was written to a file.
func converted(t *testing.T, f *fixture, file string) *Result {
	t.Helper()
	if err := os.WriteFile(file, []byte(f.make(t).out.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	traces, err := Open(file, "", Options{Batch: f.batch, Prompt: f.prompt})
	if err != nil {
		t.Fatal(err)
	}
	rules, err := NewRules("")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Convert(traces[0], rules, f.spec)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// An import of fixed traces is the golden one, to the byte.
func TestGolden(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	golden := filepath.Join(packageDir, "testdata", "kineto")
	one := converted(t, &fixture{spec: small(t, 1), batch: 2, prompt: 100, decodes: 3, modules: true, odd: true, noise: 0.01}, "tp1.json")
	two := converted(t, &fixture{spec: small(t, 2), batch: 2, prompt: 100, decodes: 3, graphs: true, noise: 0.01}, "tp2.json")
	if err := Write("out", one); err != nil {
		t.Fatal(err)
	}
	if err := Write("out", two); err != nil { // beside the first
		t.Fatal(err)
	}
	if *update {
		if err := os.RemoveAll(golden); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(golden, os.DirFS("out")); err != nil {
			t.Fatal(err)
		}
	}
	got, want := files(t, "out"), files(t, golden)
	for name, text := range want {
		if got[name] != text {
			t.Errorf("%s is\n%s\nand not\n%s", name, got[name], text)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d files, not %d", len(got), len(want))
	}
}

// packageDir is where the tests of the package begin.
var packageDir, _ = os.Getwd()

// files are the contents of a directory by their paths.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(rel)] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What cannot be written changes nothing, and leaves nothing behind.
func TestWriteErrors(t *testing.T) {
	dir := t.TempDir()
	r := converted(t, &fixture{spec: small(t, 1), batch: 2, prompt: 100, decodes: 1}, filepath.Join(dir, "a.json"))
	out := filepath.Join(dir, "out")
	if err := Write(out, r); err != nil {
		t.Fatal(err)
	}
	before := files(t, dir)
	same := func(want string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v instead of %q", err, want)
		}
		after := files(t, dir)
		for name, text := range before {
			if after[name] != text {
				t.Errorf("after %q %s is another", want, name)
			}
		}
		if len(after) != len(before) {
			t.Errorf("after %q there are %d files, not %d", want, len(after), len(before))
		}
	}
	same("was imported into", Write(out, r))
	b := converted(t, &fixture{spec: small(t, 1), batch: 3, prompt: 100, decodes: 1}, filepath.Join(dir, "b.json"))
	path := filepath.Join(out, "profiling", "compute", "a100", "maker", "small", "attention.csv")
	if err := os.WriteFile(path, []byte("a,b\n1,2\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	before = files(t, dir)
	same("attention.csv:1: the columns are not those", Write(out, b))
	manifest := filepath.Join(out, profile.ManifestName)
	for content, want := range map[string]string{`{"provenance": "measured", "version": 1}`: `its profiles are "measured"`, `{`: "manifest.json: "} {
		if err := os.WriteFile(manifest, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		before = files(t, dir)
		same(want, Write(out, b))
	}
	if err := os.Remove(manifest); err != nil {
		t.Fatal(err)
	}
	before = files(t, dir)
	same("holds no imported profiles", Write(out, b))
}

// Points of tables that hold a part of the operators leave the others to the
// analytic model.
func TestRowsOfTables(t *testing.T) {
	spec := small(t, 2)
	file := filepath.Join(t.TempDir(), "table")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	trace := &Trace{Format: "table", File: file, Rows: []Row{
		{Op: up, X: 8, Time: 30}, {Op: up, X: 64, Time: 50}, {Op: down, X: 8, Time: 20},
		{Op: "attn_decode", X: 4, Cached: 100, Time: 11}, {Op: allReduce, Bytes: 8 * 4096 * 2, Time: 9},
		{Op: "schedule", X: 4, Time: 500},
	}}
	r, err := Convert(trace, nil, spec)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "out")
	if err := Write(dir, r); err != nil {
		t.Fatal(err)
	}
	learnt, err := trained.New(context.Background(), dir, spec, trained.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[vidur.Op]trained.Source{vidur.OpMLPUp: trained.Imported, vidur.OpMLPDown: trained.Imported, vidur.OpAttnDecode: trained.Imported,
		vidur.OpAllReduce: trained.Imported, vidur.OpSchedule: trained.Imported, vidur.OpAttnPreProj: trained.Analytic, vidur.OpAttnPrefill: trained.Analytic}
	for _, p := range learnt.Provenance() {
		if source, ok := want[p.Op]; ok && p.Source != source {
			t.Errorf("%v is %v, not %v", p.Op, p.Source, source)
		}
		delete(want, p.Op)
	}
	if len(want) > 0 {
		t.Errorf("no word of %v", want)
	}
	b := &vidur.Batch{}
	for i := range 4 {
		b.Add(&vidur.Request{ID: i, Done: 100, Prompt: 99}, 1)
	}
	st, err := learnt.Predictor().StageTime(b, 0)
	if err != nil || st.Ops[vidur.OpAttnDecode] != 0.011 || st.Ops[vidur.OpSchedule] != 0.5 {
		t.Error(st, err)
	}
}
