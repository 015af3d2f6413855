package imports

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
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

// A folder that is a link stays one, with the profiles where it leads to; the current
// folder, which would be another one afterwards, is refused and left as it is.
func TestWriteInPlace(t *testing.T) {
	root := t.TempDir()
	f := &fixture{spec: replica(t, "llama-2-7b", "a100", 1), batch: 2, prompt: 16, decodes: 1}
	r := converted(t, f, filepath.Join(root, "trace.json"))
	inside := filepath.Join(root, "here", "inside")
	if err := os.MkdirAll(inside, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Chdir(inside)
	for _, dir := range []string{".", "..", filepath.Join(root, "here")} {
		if err := Write(dir, r); err == nil {
			t.Errorf("%s was made anew", dir)
		}
	}
	if list, err := os.ReadDir(inside); err != nil || len(list) > 0 {
		t.Errorf("left behind: %v, %v", list, err)
	}
	store, link := filepath.Join(root, "store"), filepath.Join(root, "link")
	if err := os.Mkdir(store, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(store, link); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	if err := Write(link, r); err != nil {
		t.Fatal(err)
	}
	if target, err := os.Readlink(link); err != nil || target != store {
		t.Errorf("the link is %q, %v", target, err)
	}
	if _, err := os.Stat(filepath.Join(store, "manifest.json")); err != nil {
		t.Error(err)
	}
}

// Of imports into one folder at once, those that say that they are in it are.
func TestWriteAtOnce(t *testing.T) {
	root := t.TempDir()
	rules, err := NewRules("")
	if err != nil {
		t.Fatal(err)
	}
	dir, failed := filepath.Join(root, "out"), make([]error, 6)
	var all sync.WaitGroup
	for i := range failed {
		f := &fixture{spec: small(t, 1), batch: 2, prompt: 16 + i, decodes: 1}
		traces, err := Open(put(t, root, fmt.Sprint(i, ".json"), f.make(t).out.String()), "", Options{Batch: 2, Prompt: 16 + i})
		if err != nil {
			t.Fatal(err)
		}
		r, err := Convert(traces[0], rules, f.spec)
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() { failed[i] = Write(dir, r) })
	}
	all.Wait()
	m, err := readManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, s := range m.Sources {
		there[filepath.Base(s.File)] = true
	}
	wrote := 0
	for i, err := range failed {
		if err == nil {
			wrote++
		}
		if there[fmt.Sprint(i, ".json")] != (err == nil) {
			t.Errorf("import %d: %v; there are %v", i, err, there)
		}
	}
	if list, _ := os.ReadDir(root); wrote == 0 || len(list) != len(failed)+1 {
		t.Errorf("%d imports; left behind are %v", wrote, list)
	}
}
