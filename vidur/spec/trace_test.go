package spec_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/spec"
	"github.com/govidur/govidur/vidur/workload"
)

// --trace takes every format: those with times are replayed, the lengths of
// others are drawn from; and the run says what was assumed.
func TestTraceFormats(t *testing.T) {
	files, err := filepath.Glob("../workload/testdata/traces/*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "-dataset.json") {
			continue
		}
		trace, err := workload.Read(file)
		if err != nil {
			t.Fatal(err)
		}
		args := []string{"--trace", file, "--max-tokens", "4096"}
		if !trace.Timed {
			_, err := traced(t, args).Build()
			if err == nil || !strings.Contains(err.Error(), "no times to replay: take workload lengths") {
				t.Errorf("%s: %v", file, err)
			}
			args = append(args, "--workload", "lengths", "--requests", "3")
		}
		run, err := traced(t, args).Build()
		if err != nil {
			t.Fatal(file, err)
		}
		store, err := run.Simulate(context.Background())
		if err != nil {
			t.Fatal(file, err)
		}
		if n := store.Summary().Completed; trace.Timed && n != len(trace.Requests) {
			t.Errorf("%s: %d of %d requests complete", file, n, len(trace.Requests))
		}
		exact := trace.Report.Note() == ""
		if said := strings.Contains(strings.Join(run.Notes, "\n"), "is read as "+trace.Report.Format); said == exact {
			t.Errorf("%s: notes %q", file, run.Notes)
		}
	}
}

func traced(t *testing.T, args []string) *spec.Experiment {
	t.Helper()
	parsed, err := spec.Parse(args)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Experiment
}

// A fitted model is a workload by its file's name.
func TestFittedWorkload(t *testing.T) {
	model, err := workload.Named("azure-code-2023")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "mine.json")
	if err := model.Save(path); err != nil {
		t.Fatal(err)
	}
	var means [2]float64 // s
	for i, name := range []string{"azure-code-2023", path} {
		run, err := traced(t, []string{"--workload", name, "--requests", "50"}).Build()
		if err != nil {
			t.Fatal(err)
		}
		store, err := run.Simulate(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		stat, _ := store.Stat("request_e2e_time")
		means[i] = stat.Mean
	}
	if means[0] != means[1] {
		t.Error("the saved model gives other requests")
	}
	if err := os.WriteFile(path, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := traced(t, []string{"--workload", path}).Build(); err == nil || !strings.Contains(err.Error(), "mine.json") {
		t.Error(err)
	}
}
