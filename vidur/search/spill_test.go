package search

import (
	"context"
	"errors"
	"math"
	"os"
	"reflect"
	"runtime"
	"testing"

	"github.com/govidur/govidur/vidur/spec"
)

// TestSpill: rows in a file are the rows in memory, errors, stores and probes
// included, and no file is left.
func TestSpill(t *testing.T) {
	dir := t.TempDir()
	options := []Option{Over("chunk", 256, 512), Seeds(seeds(6)...), Choose("what", Choice{Label: "as it is"},
		Choice{Label: "stuck", Experiment: func(e *spec.Experiment) error { e.Blocks = 1; return nil }}),
		Keep(func(p Point) bool { return p.Value("seed") == 3 })}
	want, got := mustSweep(t, small(), options...), mustSweep(t, small(), append(options, Spill(dir))...)
	if got.spill == nil || got.rows != nil {
		t.Fatal("nothing is in a file")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("there are files: %v %v", entries, err)
	}
	alike(t, want, got)
	if got.Rows()[6].Store == nil || len(got.spill.held) != 14 {
		t.Errorf("%d rows are in memory", len(got.spill.held))
	}
	searched := []Option{Over("chunk", 256, 512), Over("max-batch", 8, 64), Cache(dir), Meet(Percentile("ttft", 90, 2))}
	want, got = mustCapacity(t, small(), searched...), mustCapacity(t, small(), append(searched, Spill(dir))...)
	alike(t, want, got)
	replicated := append(searched, Replications(2))
	alike(t, mustCapacity(t, small(), replicated...), mustCapacity(t, small(), append(replicated, Spill(dir))...))
}

// alike fails the test unless results are equal in all that they can be asked.
func alike(t *testing.T, want, got *Results) {
	t.Helper()
	if got.Len() != want.Len() || dump(t, got) != dump(t, want) || !reflect.DeepEqual(got.About(), want.About()) {
		t.Errorf("the results differ: %+v, not %+v", got.About(), want.About())
	}
	probes := func(r *Results) string { return dump(t, mustFrom(t, r.ProbeTable())) }
	if probes(got) != probes(want) {
		t.Error("the probes differ")
	}
	for _, ask := range []func(*Results) (any, error){
		func(r *Results) (any, error) { return r.Front([]Goal{Max("requests_per_s"), Min("ttft_p90_s")}) },
		func(r *Results) (any, error) { return r.Best(Max("requests_per_s")) },
		func(r *Results) (any, error) { return r.Transfer("chunk", Max("requests_per_s")) },
		func(r *Results) (any, error) { return r.Err() == nil, nil },
	} {
		a, err1 := ask(want)
		b, err2 := ask(got)
		if !reflect.DeepEqual(a, b) || err1 != nil || err2 != nil {
			t.Errorf("%v, not %v (%v, %v)", b, a, err2, err1)
		}
	}
	values := make([]float64, want.Len())
	with, err := got.With("more", values)
	if err != nil || with.Len() != want.Len() {
		t.Errorf("with a column more: %v", err)
	}
}

// mustFrom makes results of a table of probes, to be compared as such.
func mustFrom(t *testing.T, p *ProbeTable) *Results {
	t.Helper()
	r := &Results{}
	for i := range p.rows {
		q := p.rows[i]
		met := 0.0
		if q.Met {
			met = 1
		}
		r.rows = append(r.rows, Row{Figures: []float64{q.QPS, met, q.Latency, float64(q.Seed), float64(q.number)}})
	}
	for _, name := range []string{"qps", "met", "latency", "seed", "number"} {
		r.figures = append(r.figures, figure{name: name})
	}
	return r
}

// TestSpillCut: what was not run is said, and parts have their bounds.
func TestSpillCut(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r, err := Sweep(ctx, small(), Seeds(seeds(40)...), Workers(2), Spill(t.TempDir()), Each(func(done, _ int, row *Row) {
		if row.Figures == nil {
			t.Error("a row without figures")
		}
		if done == 5 {
			cancel()
		}
	}))
	if !errors.Is(err, context.Canceled) || r.About().Errors == 0 || r.About().Errors > 35 {
		t.Errorf("%v, %+v", err, r.About())
	}
	for _, row := range r.Rows()[20:] {
		if !errors.Is(row.Err, ErrNotRun) || !math.IsNaN(row.Figures[0]) {
			t.Errorf("%v", row.Err)
		}
	}
	for _, bad := range [][2]int{{-1, 2}, {3, 2}, {0, 41}} {
		if _, err := r.Part(bad[0], bad[1]); err == nil {
			t.Errorf("part %v of 40 rows", bad)
		}
	}
	if part, err := r.Part(39, 40); err != nil || part.Rows()[0].Point.Value("seed") != 39 && part.Rows()[0].Point.Value("seed") != 40 {
		t.Errorf("%v %v", part, err)
	}
}

// TestSpillUnreadable: a file that cannot be read again is an error, not a row.
func TestSpillUnreadable(t *testing.T) {
	r := mustSweep(t, small(), Seeds(1, 2), Spill(t.TempDir()))
	r.spill.file.Close()
	if _, err := r.Part(0, 2); err == nil {
		t.Error("a row of a file that is closed")
	}
	if _, err := r.Column("ttft_p50_s"); err == nil {
		t.Error("a column of a file that is closed")
	}
	wants(t, r.Rows()[1].Err, "seed=2", "cannot be read again")
	if s := newSpill("/dev/null/nowhere", &list{}, 1); s != nil {
		t.Error("a file in no folder")
	}
}

// TestFlat: a grid of forty thousand points takes some ten bytes of each, whatever
// its rows have.
func TestFlat(t *testing.T) {
	const n = 40_000
	p, err := newPlan([]Option{Over("qps", upTo(200, 1.0)...), Over("chunk", upTo(200, 1)...), Spill(t.TempDir())})
	if err != nil {
		t.Fatal(err)
	}
	before := live()
	p.do = func(_ context.Context, b *builds, j *job, row *Row) error {
		row.Figures, row.requests = none(len(p.figures)), uint64(j.index)
		row.Figures[0] = j.experiment.QPS * float64(j.experiment.Chunk)
		return nil
	}
	l, err := p.grid(small())
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.results(context.Background(), p.run(context.Background(), newBuilds(1), l, func(*Row) {}))
	if err != nil {
		t.Fatal(err)
	}
	if each := float64(live()-before) / n; each > 64 {
		t.Errorf("%.0f bytes of each point are kept", each)
	}
	values, err := r.Floats("ttft_mean_s")
	if err != nil || len(values) != n || values[n-1] != 200*200 || values[201] != 2*2 {
		t.Errorf("%d values: %v", len(values), err)
	}
}

func live() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// upTo is the first n multiples of a number.
func upTo[T int | float64](n int, one T) (list []any) {
	for i := range n {
		list = append(list, T(i+1)*one)
	}
	return list
}
