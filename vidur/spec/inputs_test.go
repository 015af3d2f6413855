package spec

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestInputs: every parameter that names a file or a folder is among the inputs
// when that is there, and no other is.
func TestInputs(t *testing.T) {
	dir := t.TempDir()
	name := func(file string) string { return filepath.Join(dir, file) }
	for _, file := range []string{"m.json", "d.json", "w.json", "trace.csv", "processed_traces/t.csv", "times.csv", "requests.csv", "catalog.json",
		"hf/config.json", "ops/x.csv", "aic/x.parquet", "profiling/compute/a.csv", "own/a/mlp.csv", "cpu.csv"} {
		if err := os.MkdirAll(filepath.Dir(name(file)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name(file), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for what, c := range map[string]struct {
		set  func(*Experiment)
		want []string
	}{
		"the default":            {func(*Experiment) {}, nil},
		"a model's file":         {func(e *Experiment) { e.Model = name("m.json") }, []string{"m.json"}},
		"a model's folder":       {func(e *Experiment) { e.Model = name("hf") }, []string{"hf/config.json"}},
		"a device's file":        {func(e *Experiment) { e.Device = name("d.json") }, []string{"d.json"}},
		"a workload's file":      {func(e *Experiment) { e.Workload = name("w.json") }, []string{"w.json"}},
		"a trace":                {func(e *Experiment) { e.Workload, e.Trace = "replay", name("trace.csv") }, []string{"trace.csv"}},
		"a trace that is away":   {func(e *Experiment) { e.Workload, e.Trace = "replay", name("none.csv") }, nil},
		"a trace and profiles":   {func(e *Experiment) { e.Trace, e.Data = "data/processed_traces/t.csv", dir }, []string{"processed_traces/t.csv", "profiling"}},
		"the folder profiling":   {func(e *Experiment) { e.Data = name("profiling") }, []string{"profiling"}},
		"times":                  {func(e *Experiment) { e.Times = name("times.csv") }, []string{"times.csv"}},
		"requests":               {func(e *Experiment) { e.File = name("requests.csv") }, []string{"requests.csv"}},
		"a catalogue":            {func(e *Experiment) { e.Catalog = name("catalog.json") }, []string{"catalog.json"}},
		"tables":                 {func(e *Experiment) { e.OpTimes, e.AIConfigurator = name("ops"), name("aic") }, []string{"aic", "ops"}},
		"files with names":       {func(e *Experiment) { e.ComputeFile = name("own/{DEVICE}/mlp.csv") }, []string{"own"}},
		"a profile":              {func(e *Experiment) { e.CPUFile = name("cpu.csv") }, []string{"cpu.csv"}},
		"twice the same":         {func(e *Experiment) { e.Trace, e.File = name("trace.csv"), name("trace.csv") }, []string{"trace.csv"}},
		"results and the cache":  {func(e *Experiment) { e.Out, e.OutputDir, e.Cache = dir, dir, dir }, nil},
		"a model without a name": {func(e *Experiment) { e.Model = "" }, nil},
	} {
		e := Default()
		c.set(e)
		var want []string
		for _, file := range c.want {
			want = append(want, name(file))
		}
		if got := e.Inputs(); !slices.Equal(got, want) {
			t.Errorf("%s: %q, not %q", what, got, want)
		}
	}
}
