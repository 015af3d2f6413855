package search

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/spec"
)

// kept lists the results in a folder with the times at which they were written.
func kept(t testing.TB, dir string) map[string]time.Time {
	t.Helper()
	files := map[string]time.Time{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		files[path] = info.ModTime()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// same fails the test unless results and probes are equal to the last bit.
func same(t testing.TB, what string, got, want *Results) {
	t.Helper()
	if a, b := dump(t, got), dump(t, want); a != b {
		t.Errorf("%s: results are not the same:\n%s\n%s", what, a, b)
	}
	for i := range want.Rows() {
		a, b := got.Rows()[i].Probes, want.Rows()[i].Probes
		if len(a) != len(b) {
			t.Errorf("%s: row %d has %d probes, not %d", what, i, len(a), len(b))
			continue
		}
		for k := range a {
			if a[k].QPS != b[k].QPS || a[k].Met != b[k].Met || a[k].Seed != b[k].Seed || math.Float64bits(a[k].Latency) != math.Float64bits(b[k].Latency) {
				t.Errorf("%s: row %d, probe %d: %v, not %v", what, i, k, a[k], b[k])
			}
		}
	}
}

// points are three axes on which one place cannot run.
func points() []Option {
	return []Option{Over("chunk", 256, 512), Over("model", "llama-3-8b", "llama-2-70b"), Seeds(1, 2)}
}

func TestCacheOfASweep(t *testing.T) {
	dir := t.TempDir()
	want := mustSweep(t, small(), points()...)
	if want.Err() == nil {
		t.Fatal("a model of 140 GB fits into 80")
	}
	for _, more := range [][]Option{{Workers(3)}, {}, {CacheOnly()}, {CacheOnly(), Workers(1)}} {
		same(t, "kept", mustSweep(t, small(), append(append(points(), Cache(dir)), more...)...), want)
	}
	before := kept(t, dir)
	mustSweep(t, small(), append(points(), Cache(dir))...)
	for path, at := range kept(t, dir) {
		if !before[path].Equal(at) {
			t.Errorf("%s was written again", path)
		}
	}
	if len(before) != want.Len() {
		t.Errorf("%d files for %d points", len(before), want.Len())
	}
}

// TestCacheOfASearch: whole, in parts, by another process and from the folder the
// results are the same; and capacities are those without a folder.
func TestCacheOfASearch(t *testing.T) {
	base := small()
	options := func(more ...Option) []Option {
		return append(append(points()[:2], Replications(2), Meet(Percentile("ttft", 90, 1))), more...)
	}
	dir := t.TempDir()
	want := mustCapacity(t, base, options(Cache(dir))...)
	same(t, "kept", mustCapacity(t, base, options(Cache(dir), CacheOnly())...), want)
	same(t, "again", mustCapacity(t, base, options(Cache(t.TempDir()), Workers(1))...), want)
	worker, err := NewWorker()
	if err != nil {
		t.Fatal(err)
	}
	through := func(ctx context.Context, key string, task []byte) ([]byte, error) { return worker.Do(ctx, task) }
	same(t, "elsewhere", mustCapacity(t, base, options(Through(through), Workers(4))...), want)
	shared := t.TempDir()
	for _, i := range []int{3, 1, 2} {
		part := mustCapacity(t, base, options(Cache(shared), Shard(i, 3))...)
		if part.Len() != map[int]int{1: 2, 2: 1, 3: 1}[i] {
			t.Errorf("part %d has %d points", i, part.Len())
		}
	}
	same(t, "collected", mustCapacity(t, base, options(Cache(shared), CacheOnly())...), want)
	plain := mustCapacity(t, base, options()...)
	for i, v := range floats(t, plain, "capacity_qps") {
		if w := floats(t, want, "capacity_qps")[i]; v != w && want.Rows()[i].Err == nil {
			t.Errorf("row %d: capacity %g with a folder and %g without", i, w, v)
		}
	}
}

func TestCacheOfTheOriginalsSearch(t *testing.T) {
	base, dir := small(), t.TempDir()
	want := mustCapacity(t, base, OriginalSearch(), Cache(dir))
	same(t, "kept", mustCapacity(t, base, OriginalSearch(), Cache(dir), CacheOnly()), want)
	probes := want.Rows()[0].Probes
	if len(probes) < 4 || probes[0].QPS != base.QPS || !(probes[0].Latency >= 0) {
		t.Errorf("probes: %v", probes)
	}
}

// TestProbesAreKept cuts a search of one deployment: what it tried is not tried
// again.
func TestProbesAreKept(t *testing.T) {
	dir := t.TempDir()
	first := Column("of my own", func(*metrics.Store) float64 { return 1 }) // so the row is not kept
	a := mustCapacity(t, small(), Cache(dir), first)
	before := kept(t, dir)
	if n := len(a.Rows()[0].Probes); len(before) != n || n < 3 {
		t.Fatalf("%d files for %d probes", len(before), n)
	}
	b := mustCapacity(t, small(), Cache(dir), first)
	same(t, "again", b, a)
	for path, at := range kept(t, dir) {
		if !before[path].Equal(at) {
			t.Errorf("%s was written again", path)
		}
	}
}

func TestNotKept(t *testing.T) {
	dir := t.TempDir()
	_, err := Sweep(context.Background(), small(), Seeds(1, 2), Cache(dir), CacheOnly())
	if wants(t, err, "2 of 2"); !errors.Is(err, ErrNotRun) {
		t.Error(err)
	}
	mustSweep(t, small(), Schedulers("vllm", Scheduler("mine", newShortestFirst)), Cache(dir))
	mustSweep(t, small(), Seeds(7), Cache(dir), Keep(nil))
	mustSweep(t, small(), Seeds(8), Cache(dir), Column("x", func(*metrics.Store) float64 { return 0 }))
	if n := len(kept(t, dir)); n != 1 {
		t.Errorf("%d results are kept; only that of vllm can be", n)
	}
	mine := Scheduler("mine", newShortestFirst)
	mine.Source = "shortest first, 512"
	a := mustSweep(t, small(), Schedulers(mine), Cache(dir))
	same(t, "with a source", mustSweep(t, small(), Schedulers(mine), Cache(dir), CacheOnly()), a)
	mine.Source = "another"
	if _, err := Sweep(context.Background(), small(), Schedulers(mine), Cache(dir), CacheOnly()); err == nil {
		t.Error("another source has the same result")
	}
	r := mustSweep(t, small(), Schedulers("vllm", mine), Through(func(context.Context, string, []byte) ([]byte, error) {
		return []byte("{}"), nil
	}))
	if wants(t, r.Rows()[1].Err, "cannot be sent"); r.Rows()[0].Err != nil {
		t.Error(r.Rows()[0].Err)
	}
}

// TestKeyOfEveryParameter: each parameter is part of the key, but for those that
// only say what is written.
func TestKeyOfEveryParameter(t *testing.T) {
	p, err := newPlan(nil)
	if err != nil {
		t.Fatal(err)
	}
	text := func(e *spec.Experiment) string {
		task, err := p.task(newBuilds(1), &job{experiment: *e})
		if err != nil {
			t.Fatal(err)
		}
		text, err := task.text()
		if err != nil {
			t.Fatal(err)
		}
		again, err := readTask(text)
		if err != nil {
			t.Fatal(err)
		}
		back, err := again.experiment()
		if err != nil {
			t.Fatal(err)
		}
		for _, param := range spec.Params() {
			if a, b := param.Show(e), param.Show(back); a != b && !shown[param.Name] {
				t.Errorf("%s is %q there, and was %q", param.Name, b, a)
			}
		}
		return string(text)
	}
	usual, known := text(spec.Default()), 0
	for _, param := range spec.Params() {
		for _, value := range []string{"3", "0.5", "true", "false", "other"} {
			e := spec.Default()
			if param.Set(e, value) != nil || param.Show(e) == param.Show(spec.Default()) {
				continue
			}
			if changed := text(e) != usual; changed == shown[param.Name] {
				t.Errorf("%s = %s: the key changes: %t", param.Name, value, changed)
			}
			break
		}
		if shown[param.Name] {
			known++
		}
	}
	if known != len(shown) {
		t.Errorf("of %d parameters that are left out %d exist", len(shown), known)
	}
}

// TestShownParameters: what is left out of keys changes no figure.
func TestShownParameters(t *testing.T) {
	want := dump(t, mustSweep(t, small()))
	for _, param := range spec.Params() {
		if !shown[param.Name] {
			continue
		}
		for _, value := range []string{"3", "true", "false", "none"} {
			e := small()
			if param.Set(e, value) == nil && dump(t, mustSweep(t, e)) != want {
				t.Errorf("%s = %s changes results", param.Name, value)
			}
		}
	}
}

func TestInputsAreInTheKey(t *testing.T) {
	dir, data := t.TempDir(), t.TempDir()
	trace := filepath.Join(data, "lengths.csv")
	write := func(text string) {
		if err := os.WriteFile(trace, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const a, b = "num_prefill_tokens,num_decode_tokens\n100,20\n200,30\n", "num_prefill_tokens,num_decode_tokens\n900,20\n800,30\n"
	e := small()
	e.Workload, e.Trace, e.Requests = "lengths", trace, 2
	write(a)
	first := mustSweep(t, e, Cache(dir))
	write(b)
	second := mustSweep(t, e, Cache(dir))
	if dump(t, first) == dump(t, second) {
		t.Error("another trace has the same results")
	}
	write(a)
	same(t, "the first trace", mustSweep(t, e, Cache(dir), CacheOnly()), first)
	worker, err := NewWorker()
	if err != nil {
		t.Fatal(err)
	}
	r := mustSweep(t, e, Through(func(ctx context.Context, _ string, task []byte) ([]byte, error) {
		write(b)
		return worker.Do(ctx, task)
	}))
	wants(t, r.Err(), trace, "other contents")
	write(a)
	r = mustSweep(t, e, Through(func(ctx context.Context, _ string, task []byte) ([]byte, error) {
		if err := os.Remove(trace); err != nil {
			t.Error(err)
		}
		return worker.Do(ctx, task)
	}))
	wants(t, r.Err(), trace, "not here")
}

// TestBrokenFolder: what cannot be kept ends the whole, with what was found.
func TestBrokenFolder(t *testing.T) {
	dir := t.TempDir()
	worker, err := NewWorker()
	if err != nil {
		t.Fatal(err)
	}
	var begun atomic.Int32
	r, err := Sweep(context.Background(), small(), Seeds(seeds(40)...), Cache(dir), Workers(2), Through(func(ctx context.Context, _ string, task []byte) ([]byte, error) {
		if begun.Add(1) == 10 {
			tmp := filepath.Join(dir, "tmp")
			for os.RemoveAll(tmp) != nil || os.WriteFile(tmp, nil, 0o644) != nil { // the other worker makes the folder again
			}
		}
		return worker.Do(ctx, task)
	}))
	if err == nil || errors.Is(err, ErrNotRun) {
		t.Fatal(err)
	}
	wants(t, err, "store")
	if n := len(kept(t, dir)); n < 8 || n > 12 { // and the file in the way
		t.Errorf("%d results are kept", n)
	}
	finished := 0
	for _, row := range r.Rows() {
		if row.Err == nil {
			finished++
		}
	}
	if finished < 8 || finished > 13 {
		t.Errorf("%d points are done", finished)
	}
	wants(t, func() error {
		_, err := Sweep(context.Background(), small(), Cache(filepath.Join(dir, "tmp")))
		return err
	}(), "store")
}

// TestTwoAtOnce: two sweeps of one folder, as of two processes, share the work and
// both have all of it.
func TestTwoAtOnce(t *testing.T) {
	dir := t.TempDir()
	base := small()
	base.Requests = 400
	axes := func() []Option { return []Option{Seeds(seeds(30)...), Workers(2)} }
	want := mustSweep(t, base, axes()...)
	var worked atomic.Int32
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			worker, err := NewWorker()
			if err != nil {
				t.Error(err)
				return
			}
			r, err := Sweep(context.Background(), base, append(axes(), Cache(dir), Through(func(ctx context.Context, _ string, task []byte) ([]byte, error) {
				worked.Add(1)
				return worker.Do(ctx, task)
			}))...)
			if err != nil {
				t.Error(err)
				return
			}
			same(t, "together", r, want)
		})
	}
	all.Wait()
	if n := worked.Load(); n != 30 {
		t.Errorf("%d simulations of 30 points", n)
	}
}

// TestCacheOfAComparison: a comparison of what is kept is the same.
func TestCacheOfAComparison(t *testing.T) {
	dir := t.TempDir()
	compare := func(more ...Option) string {
		c, err := Compare(context.Background(), small(), append(more, Over("chunk", 128, 1024), Replications(4))...)
		if err != nil {
			t.Fatal(err)
		}
		return c.String()
	}
	want := compare()
	for _, more := range [][]Option{{Cache(dir)}, {Cache(dir), CacheOnly()}} {
		if got := compare(more...); got != want {
			t.Errorf("%s is not %s", got, want)
		}
	}
	if _, err := Compare(context.Background(), small(), Over("chunk", 128, 1024), Shard(1, 2)); err == nil {
		t.Error("a comparison has parts")
	}
}
