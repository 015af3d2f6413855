package search

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/internal/sharedtest"
	"github.com/govidur/govidur/vidur/spec"
)

// TestEveryParameter: each is found, set to a value of its type and shown.
func TestEveryParameter(t *testing.T) {
	for _, p := range spec.Params() {
		param, err := spec.FindParam("parameter", strings.ReplaceAll(p.Name, "-", "_"))
		if err != nil {
			t.Error(err)
			continue
		}
		e := spec.Default()
		var value any
		switch p.Field(e).(type) {
		case *string:
			value = "x"
		case *bool:
			value = true
		case *float64:
			value = 3.5
		default:
			value = 3
		}
		s, err := atValue(&param, value)
		if err != nil || s.experiment[0](e) != nil {
			t.Errorf("%s: %v", p.Name, err)
			continue
		}
		if got := p.Show(e); got != fmt.Sprint(value) || s.values[0] != value {
			t.Errorf("%s is %s and %v, want %v", p.Name, got, s.values[0], value)
		}
		if _, err := atValue(&param, []int{1}); err == nil {
			t.Errorf("%s takes a slice", p.Name)
		}
	}
}

// naive sweeps over one axis without sharing anything.
func naive(t *testing.T, base *spec.Experiment, change ...func(*spec.Experiment)) []string {
	var digests []string
	for _, f := range change {
		e := *base
		f(&e)
		digests = append(digests, alone(t, &e, nil).Digest())
	}
	return digests
}

// predictors counts those that the runs of a sweep use.
func predictors(t *testing.T, base *spec.Experiment, want []string, axes ...Option) int {
	t.Helper()
	used := make(chan vidur.Predictor, 100)
	look := Choose("look", Choice{Label: 0, Config: func(c *vidur.Config) error { used <- c.Replicas[0].Predictor; return nil }})
	r := mustSweep(t, base, append(axes, look, Keep(nil), Workers(3))...)
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	var got []string
	for _, row := range r.Rows() {
		got = append(got, row.Store.Digest())
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("runs that share operator times are not what they are alone")
	}
	close(used)
	different := map[vidur.Predictor]bool{}
	for p := range used {
		different[p] = true
	}
	return len(different)
}

// TestSharedTimes: operator times are read once for each kind of replica, and
// runs are as if they had their own.
func TestSharedTimes(t *testing.T) {
	tables := small()
	tables.Model, tables.Device, tables.TP, tables.Requests = "llama-2-70b", "a100", 2, 20
	profiles := *tables
	tables.OpTimes = sharedtest.Path(t, "oracle", "tables_ref")
	profiles.Data = sharedtest.Path(t, "vidur-data")
	profiles.Estimator, profiles.Degree, profiles.Cache = "linear", "1", t.TempDir()
	for _, base := range []*spec.Experiment{tables, &profiles} {
		want := naive(t, base,
			func(e *spec.Experiment) { e.Chunk, e.Replicas = 256, 1 },
			func(e *spec.Experiment) { e.Chunk, e.Replicas = 256, 2 },
			func(e *spec.Experiment) { e.Chunk, e.Replicas = 512, 1 },
			func(e *spec.Experiment) { e.Chunk, e.Replicas = 512, 2 })
		if n := predictors(t, base, want, Over("chunk", 256, 512), Over("replicas", 1, 2)); n != 1 {
			t.Errorf("%d predictors for one kind of replica", n)
		}
		want = naive(t, base, func(e *spec.Experiment) { e.TP = 2 }, func(e *spec.Experiment) { e.TP = 4 })
		if n := predictors(t, base, want, Over("tp", 2, 4)); n != 2 {
			t.Errorf("%d predictors for two kinds of replicas", n)
		}
	}
	seeds := mustSweep(t, tables, Seeds(1, 2), Keep(nil))
	tables.Seed = 2
	if got := seeds.Rows()[1].Store.Digest(); got != alone(t, tables, nil).Digest() {
		t.Error("a seed of a sweep is not what it is alone")
	}
}

// TestTraceInTheDataFolder: a trace that only the data folder has is found.
func TestTraceInTheDataFolder(t *testing.T) {
	e := small()
	e.Model, e.Device, e.TP, e.Requests = "llama-2-70b", "a100", 2, 30
	e.Data = sharedtest.Path(t, "vidur-data")
	e.Estimator, e.Degree, e.Cache = "linear", "1", t.TempDir()
	e.Workload, e.Trace = "lengths", "data/processed_traces/splitwise_conv.csv"
	want := naive(t, e, func(e *spec.Experiment) { e.Chunk = 256 }, func(e *spec.Experiment) { e.Chunk = 512 })
	if n := predictors(t, e, want, Over("chunk", 256, 512)); n != 1 {
		t.Errorf("%d predictors", n)
	}
}

// TestOriginalSeeds: with the original's generators the seeds are part of what
// is built.
func TestOriginalSeeds(t *testing.T) {
	e := small()
	e.Original, e.Router, e.Replicas = true, "random", 2
	var change []func(*spec.Experiment)
	for i := range 3 {
		change = append(change, func(e *spec.Experiment) { e.Seed, e.GeneratorSeed, e.LengthSeed = uint64(i), uint64(i), uint64(i) })
	}
	want := naive(t, e, change...)
	if want[0] == want[1] {
		t.Error("seeds of the original change nothing")
	}
	predictors(t, e, want, Seeds(0, 1, 2))
}

// TestBuiltOnce: seeds and policies of one experiment share a build, and it is
// let go.
func TestBuiltOnce(t *testing.T) {
	p, err := newPlan([]Option{Over("chunk", 256, 512), twoPolicies(), Seeds(1, 2, 3)})
	if err != nil {
		t.Fatal(err)
	}
	l, err := p.grid(small())
	if err != nil {
		t.Fatal(err)
	}
	b := newBuilds(1)
	seen := map[*build]bool{}
	for i := range l.n {
		m := b.add(l.job(i).experiment)
		seen[m] = true
		b.release(m)
	}
	if len(seen) != 2 {
		t.Errorf("%d builds for two experiments", len(seen))
	}
	for i := range 3 * mostIdle {
		e := *small()
		e.Requests = i + 1
		b.release(b.add(e))
	}
	if len(b.runs) != mostIdle || len(b.idle) != mostIdle {
		t.Errorf("%d builds are kept, %d of them idle", len(b.runs), len(b.idle))
	}
	e := *small()
	e.Requests = 3 * mostIdle // the latest
	m := b.add(e)
	if m.run = (&spec.Run{Requests: mostIdleRequests + 1}); b.runs[m.of] != m || len(b.idle) != mostIdle-1 {
		t.Error("a build that is in use is not, or is idle")
	}
	if b.release(m); len(b.runs) != 0 {
		t.Errorf("%d builds are kept beside one of very many requests", len(b.runs))
	}
}

// twoPolicies is an axis of two policies that are no part of the experiment.
func twoPolicies() Option {
	return Schedulers(Scheduler("a", newShortestFirst), Scheduler("b", newShortestFirst))
}

// FuzzParameter: whatever is given as a parameter and its value is an error or
// is shown as it was given.
func FuzzParameter(f *testing.F) {
	f.Add("qps", "1", 2.5, 3)
	f.Add("model", "--tp=3", -1.0, -3)
	f.Add("chunk-size", "\x00", 1e300, 1<<62)
	f.Fuzz(func(t *testing.T, name, text string, number float64, whole int) {
		for _, value := range []any{text, number, whole, whole > 0} {
			a, err := overParameter(name, []any{value})
			if err != nil {
				continue
			}
			if got := a.steps[0].values[0]; got != value && got != float64(whole) {
				t.Errorf("%s of %v is %v", name, value, got)
			}
			e := spec.Default()
			if err := a.steps[0].experiment[0](e); err != nil {
				t.Error(err)
			}
		}
	})
}
