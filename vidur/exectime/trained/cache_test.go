package trained

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/profile"
)

// counting counts how often it learns.
type counting struct {
	learn.Forest
	fits *atomic.Int64
}

func (c counting) Fit(d learn.Data) (learn.Model, error) {
	c.fits.Add(1)
	return c.Forest.Fit(d)
}

// cached trains one operator with a cache, and reports whether it was learnt
// rather than loaded.
func cached(t testing.TB, dir string, set *profile.Set, change func(*Options, *vidur.ReplicaSpec)) (tr *Trained, learnt bool) {
	t.Helper()
	var fits atomic.Int64
	o := Options{Folds: testFolds, Cache: Cache{Dir: dir}}
	o.Grid = []learn.Estimator{counting{learn.Forest{Trees: 5, MaxDepth: 8, Seed: 1}, &fits}}
	spec := a100Pair(2, 1)
	if change != nil {
		change(&o, &spec)
	}
	tr = train(t, set, spec, o)
	return tr, fits.Load() > 0
}

func TestCacheGivesTheSame(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "when", "needed")
	first, learnt := cached(t, dir, synthetic(vidur.OpMLPUp, vidur.OpMLPDown), nil)
	if !learnt {
		t.Fatal("nothing was learnt")
	}
	again, learnt := cached(t, dir, synthetic(vidur.OpMLPUp, vidur.OpMLPDown), nil)
	if learnt {
		t.Error("it was learnt again")
	}
	none, _ := cached(t, "", synthetic(vidur.OpMLPUp, vidur.OpMLPDown), nil)
	for _, other := range []*Trained{again, none} {
		if !reflect.DeepEqual(totals(t, first.Predictor()), totals(t, other.Predictor())) || !reflect.DeepEqual(first.Provenance(), other.Provenance()) {
			t.Error("it gives other times, or another provenance")
		}
	}
}

// Whatever changes a model makes it be learnt again, and what does not is
// applied to the one that is kept: nothing in the cache can be out of date.
func TestCacheIsNeverStale(t *testing.T) {
	for _, v := range []struct {
		name   string
		samles func(s *profile.Samples)
		change func(*Options, *vidur.ReplicaSpec)
		learnt bool
	}{
		{name: "the same"},
		{name: "a time", samles: func(s *profile.Samples) { s.Y[7] *= 1 + 1e-15 }, learnt: true},
		{name: "a size", samles: func(s *profile.Samples) { s.X[0][7]++ }, learnt: true},
		{name: "a row less", learnt: true, samles: func(s *profile.Samples) {
			s.X[0], s.X[1], s.Y = s.X[0][1:], s.X[1][1:], s.Y[1:]
		}},
		{name: "the order of rows", learnt: true, samles: func(s *profile.Samples) {
			for _, c := range [][]float64{s.X[0], s.X[1], s.Y} {
				c[0], c[9] = c[9], c[0]
			}
		}},
		{name: "columns exchanged", samles: func(s *profile.Samples) { s.X[0], s.X[1] = s.X[1], s.X[0] }, learnt: true},
		{name: "file and lines", samles: func(s *profile.Samples) { s.File, s.Lines = "another", []int{1} }},
		{name: "trees", learnt: true, change: func(o *Options, _ *vidur.ReplicaSpec) {
			c := o.Grid[0].(counting)
			c.Trees++
			o.Grid[0] = c
		}},
		{name: "seed", learnt: true, change: func(o *Options, _ *vidur.ReplicaSpec) {
			c := o.Grid[0].(counting)
			c.Forest.Seed++
			o.Grid[0] = c
		}},
		{name: "a larger grid", change: func(o *Options, _ *vidur.ReplicaSpec) { o.Grid = append(o.Grid, o.Grid[0]) }, learnt: true},
		{name: "folds", change: func(o *Options, _ *vidur.ReplicaSpec) { o.Folds.K++ }, learnt: true},
		{name: "order of folds", change: func(o *Options, _ *vidur.ReplicaSpec) { o.Folds.Shuffle = false }, learnt: true},
		{name: "step of look-ups", change: func(o *Options, _ *vidur.ReplicaSpec) { o.KVStep = 16 }},
		{name: "overhead", change: func(o *Options, _ *vidur.ReplicaSpec) { o.Over.DecodeOverhead = 0.5 }},
		{name: "stages", change: func(_ *Options, s *vidur.ReplicaSpec) { s.PP = 2 }},
	} {
		dir := t.TempDir()
		cached(t, dir, synthetic(vidur.OpAttnDecode), nil)
		set := func() *profile.Set { // with the same Sum, which a reader might compute wrongly
			set := synthetic(vidur.OpAttnDecode)
			if v.samles != nil {
				v.samles(set.Ops[vidur.OpAttnDecode])
			}
			return set
		}
		got, learnt := cached(t, dir, set(), v.change)
		if learnt != v.learnt {
			t.Errorf("%s: learnt again: %v", v.name, learnt)
		}
		want, _ := cached(t, "", set(), v.change)
		if !reflect.DeepEqual(totals(t, got.Predictor()), totals(t, want.Predictor())) {
			t.Errorf("%s: other times than without a cache", v.name)
		}
	}
}

func oneFile(t testing.TB, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "operators", "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v: %v", files, err)
	}
	return files[0]
}

// A file that is broken in any way is made anew, as it was.
func TestCacheHeals(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	set := synthetic(vidur.OpMLPUp)
	cached(t, dir, set, nil)
	path := oneFile(t, dir)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cached(t, elsewhere, synthetic(vidur.OpMLPDown), nil)
	foreign, err := os.ReadFile(oneFile(t, elsewhere))
	if err != nil {
		t.Fatal(err)
	}
	broken := map[string][]byte{"empty": {}, "longer": append(bytes.Clone(whole), 0), "of another operator": foreign, "text": []byte("hello\n")}
	for _, n := range []int{1, headerSize - 1, headerSize, headerSize + 3, len(whole) / 2, len(whole) - 1} {
		broken["cut to "+itoa(n)] = whole[:n]
	}
	for i := 0; i < len(whole); i += 1 + i/7 {
		flipped := bytes.Clone(whole)
		flipped[i] ^= 0x10
		broken["changed at "+itoa(i)] = flipped
	}
	for name, content := range broken {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if tr, learnt := cached(t, dir, set, nil); !learnt || len(tr.Notes()) > 0 {
			t.Errorf("%s: it was believed, or: %v", name, tr.Notes())
		}
		if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, whole) {
			t.Errorf("%s: it is not as before: %v", name, err)
		}
	}
}

func itoa(n int) string {
	if n >= 10 {
		return itoa(n/10) + itoa(n%10)
	}
	return string(rune('0' + n))
}

// FuzzUnpack: content that passes for whole never panics.
func FuzzUnpack(f *testing.F) {
	model, err := learn.Forest{Trees: 2, MaxDepth: 3, Seed: 1}.Fit(learn.Data{Features: []string{"n"}, X: [][]float64{{1, 2, 3, 4}}, Y: []float64{1, 2, 3, 4}})
	if err != nil {
		f.Fatal(err)
	}
	content, err := pack(selected{model: model, Estimator: "e", CVError: 1})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	f.Add([]byte{})
	f.Add([]byte{255, 255, 255, 255, 1})
	f.Fuzz(func(_ *testing.T, content []byte) {
		if v, ok := unpack(content); ok && v.model == nil {
			panic("no model")
		}
	})
}

// A folder that cannot be written is no error: it works, and says so once.
func TestCacheThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tr, learnt := cached(t, filepath.Join(file, "below"), synthetic(vidur.OpMLPUp, vidur.OpMLPDown), nil)
	notes := tr.Notes()
	if !learnt || len(notes) != 1 || !strings.Contains(notes[0], "not kept for the next time: ") {
		t.Errorf("notes: %q", notes)
	}
}

const helperVar = "GOVIDUR_TEST_CACHE"

// TestCacheHelper is the process that the next test starts.
func TestCacheHelper(t *testing.T) {
	dir := os.Getenv(helperVar)
	if dir == "" {
		t.Skip("started by another test")
	}
	for range 3 {
		cached(t, dir, synthetic(), nil)
	}
}

// Processes and goroutines that fill one cache at once leave the same files as
// one does.
func TestCacheSharedByProcesses(t *testing.T) {
	alone, shared := t.TempDir(), t.TempDir()
	cached(t, alone, synthetic(), nil)
	var started []*exec.Cmd
	for range 2 {
		cmd := exec.CommandContext(context.Background(), os.Args[0], "-test.run=^TestCacheHelper$")
		cmd.Env = append(os.Environ(), helperVar+"="+shared)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		started = append(started, cmd)
	}
	cached(t, shared, synthetic(), nil)
	for _, cmd := range started {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	want, got := contents(t, alone), contents(t, shared)
	if len(want) < 10 || !reflect.DeepEqual(want, got) {
		t.Errorf("%d files alone and %d shared, or they differ", len(want), len(got))
	}
}

func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "operators", "*"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(f)] = string(text)
	}
	return all
}

// One processor and four learn the same, to the byte.
func TestDeterministic(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one, four := t.TempDir(), t.TempDir()
	a, _ := cached(t, one, synthetic(), nil)
	runtime.GOMAXPROCS(4)
	b, _ := cached(t, four, synthetic(), nil)
	if !reflect.DeepEqual(contents(t, one), contents(t, four)) {
		t.Error("the files differ")
	}
	if !reflect.DeepEqual(totals(t, a.Predictor()), totals(t, b.Predictor())) || !reflect.DeepEqual(a.Provenance(), b.Provenance()) {
		t.Error("times or provenances differ")
	}
}
