package wandb

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/spec"
)

func base() *spec.Experiment {
	e := spec.Default()
	e.Requests, e.WandbProject, e.WandbGroup, e.WandbName = 60, "p", "g", "first"
	return e
}

// runsOf are the runs of all rows by name.
func runsOf(t *testing.T, e *spec.Experiment, res *search.Results) map[string]*Run {
	t.Helper()
	runs := map[string]*Run{}
	at := 0
	err := Rows(t.Context(), e, res, func(w *Run) error {
		if want := "first: " + res.Rows()[at].Point.String(); w.Name != want {
			t.Errorf("run %d is %s; want %s", at, w.Name, want)
		}
		at++
		if _, err := w.contents(); err != nil {
			t.Errorf("%s: %v", w.Name, err)
		}
		runs[w.Name] = w
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

func valueOf(t *testing.T, items []Item, name string) any {
	t.Helper()
	for _, it := range items {
		if it.Name == name {
			return it.Value
		}
	}
	t.Errorf("there is no %s", name)
	return nil
}

// TestSweepRows: each row is the run that the same experiment alone gives, with the figures of the
// row; one that cannot run has failed.
func TestSweepRows(t *testing.T) {
	e := base()
	res, err := search.Sweep(t.Context(), e, search.Over("tp", 1, 2, 3), search.Over("max_batch", 4, 128), search.Seeds(1, 2))
	if err != nil {
		t.Fatal(err)
	}
	runs := runsOf(t, e, res)
	if len(runs) != 12 {
		t.Fatalf("%d runs", len(runs))
	}
	for i, row := range res.Rows() {
		w := runs["first: "+row.Point.String()]
		if w == nil || w.Project != "p" || w.Group != "g" || w.JobType != "simulation" || w.Failed != (row.Err != nil) {
			t.Fatalf("the run of %s is %+v", row.Point, w)
		}
		if valueOf(t, w.Config, "tp") != row.Point.Value("tp") || valueOf(t, w.Config, "max-batch") != row.Point[1].Value {
			t.Errorf("%s: configuration %v", row.Point, w.Config)
		}
		if row.Err != nil {
			if text := valueOf(t, w.Summary, "error"); text != row.Err.Error() || row.Point.Value("tp") != 3 {
				t.Errorf("%s: %v", row.Point, text)
			}
			continue
		}
		p99, _ := res.Floats("ttft_p99_s")
		if valueOf(t, w.Summary, "ttft_p99_s") != p99[i] {
			t.Errorf("%s: TTFT is another one", row.Point)
		}
		alone := *e
		alone.TP, alone.MaxBatch, alone.Seed = row.Point[0].Value.(int), row.Point[1].Value.(int), uint64(row.Point[2].Value.(int))
		holdAlone(t, w, &alone)
	}
}

// holdAlone compares a run of a row with that of its experiment.
func holdAlone(t *testing.T, w *Run, e *spec.Experiment) {
	t.Helper()
	run, err := e.Build()
	if err != nil {
		t.Fatal(err)
	}
	s := &Series{}
	store, err := run.Simulate(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	want, err := Simulation(e, run, store, s)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(w.History) != fmt.Sprint(want.History) || w.Length != want.Length {
		t.Errorf("%s: the history is another one than alone", w.Name)
	}
	for _, it := range want.Summary {
		if got := valueOf(t, w.Summary, it.Name); fmt.Sprint(got) != fmt.Sprint(it.Value) {
			t.Errorf("%s: %s is %v; alone it is %v", w.Name, it.Name, got, it.Value)
		}
	}
}

// TestManyRows goes through more rows than are in memory at once.
func TestManyRows(t *testing.T) {
	e := base()
	e.Requests = 1
	var seeds []int
	for i := range pieceRows + 44 {
		seeds = append(seeds, i)
	}
	res, err := search.Sweep(t.Context(), e, search.Seeds(seeds...))
	if err != nil {
		t.Fatal(err)
	}
	runs := runsOf(t, e, res)
	for _, seed := range seeds {
		w := runs[fmt.Sprintf("first: seed=%d", seed)]
		if w == nil || valueOf(t, w.Config, "seed") != seed || len(w.History.Rows) == 0 {
			t.Fatalf("the run of seed %d is %+v", seed, w)
		}
	}
	stop := errors.New("full")
	n := 0
	if err := Rows(t.Context(), e, res, func(*Run) error { n++; return stop }); !errors.Is(err, stop) || n != 1 {
		t.Errorf("%v after %d runs; want the error of the first", err, n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Rows(ctx, e, res, func(*Run) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestSearchRows: a row of a search has its probes.
func TestSearchRows(t *testing.T) {
	e := base()
	for _, options := range [][]search.Option{{search.Meet(search.Percentile("ttft", 90, 2))}, {search.OriginalSearch()}} {
		res, err := search.Capacity(t.Context(), e, append(options, search.Over("chunk", 256, 512))...)
		if err != nil {
			t.Fatal(err)
		}
		runs := runsOf(t, e, res)
		for _, row := range res.Rows() {
			w := runs["first: "+row.Point.String()]
			if w == nil || w.JobType != "search" || len(w.History.Rows) != len(row.Probes) {
				t.Fatalf("the run of %s is %+v", row.Point, w)
			}
			for i, p := range row.Probes {
				want := []float64{float64(i + 1), p.QPS, map[bool]float64{true: 1}[p.Met]}
				if p.Latency == p.Latency {
					want = append(want, p.Latency)
				}
				if !reflect.DeepEqual(w.History.Rows[i], want) {
					t.Errorf("probe %d is %v; want %v", i+1, w.History.Rows[i], want)
				}
			}
			for _, it := range w.Config {
				if it.Name == "qps" {
					t.Error("the rate, which is looked for, is in the configuration")
				}
			}
			valueOf(t, w.Config, "criteria")
			valueOf(t, w.Summary, "capacity_qps")
		}
	}
}

// TestSeedsOfTheOriginal: an axis of seeds is one of those of the original's generators
// too, also the second time.
func TestSeedsOfTheOriginal(t *testing.T) {
	e := base()
	e.Original, e.WandbName = true, "first"
	res, err := search.Sweep(t.Context(), e, search.Seeds(3, 4))
	if err != nil {
		t.Fatal(err)
	}
	runs := runsOf(t, e, res)
	for _, row := range res.Rows() {
		seed := uint64(row.Point[0].Value.(int))
		alone := *e
		alone.Seed, alone.GeneratorSeed, alone.LengthSeed = seed, seed, seed
		w := runs["first: "+row.Point.String()]
		holdAlone(t, w, &alone)
		if valueOf(t, w.Config, "length-seed") != row.Point[0].Value {
			t.Errorf("%s: configuration %v", row.Point, w.Config)
		}
	}
}

// TestChoices: what is no parameter cannot be simulated again, and that is said.
func TestChoices(t *testing.T) {
	e := base()
	res, err := search.Sweep(t.Context(), e, search.Choose("mine", search.Choice{Label: "a"}, search.Choice{Label: "b"}))
	if err != nil {
		t.Fatal(err)
	}
	if err := Rows(t.Context(), e, res, func(*Run) error { return nil }); err == nil || !strings.Contains(err.Error(), "mine is no parameter") {
		t.Errorf("%v", err)
	}
}

// TestOriginalNames: with the original's flags the run has what the original logs.
func TestOriginalNames(t *testing.T) {
	s := &Series{}
	e, run, store := simulated(t, []string{
		"--metrics_config_wandb_project", "old", "--metrics_config_wandb_group", "g", "--metrics_config_wandb_run_name", "n", "--no-metrics_config_store_plots",
		"--metrics_config_store_operation_metrics", "--cluster_config_num_replicas", "2", "--replica_config_num_pipeline_stages", "2",
	}, s)
	w, err := Simulation(e, run, store, s)
	if err != nil {
		t.Fatal(err)
	}
	if w.Project != "old" || w.Group != "g" || w.Name != "n" {
		t.Errorf("%+v", w)
	}
	for _, name := range []string{
		"request_e2e_time_min", "request_e2e_time_99.9th_percentile", "prefill_e2e_time_median", "batch_size_95th_percentile", "attn_prefill_execution_time_mean",
		"replica_1_memory_usage_weighted_mean", "replica_2_stage_2_mfu_max", "replica_2_stage_1_busy_time_percent_min", "ttft_p99_s",
	} {
		valueOf(t, w.Summary, name)
	}
	c, err := w.contents()
	if err != nil {
		t.Fatal(err)
	}
	for name, part := range map[string]string{"cluster_config": `"num_replicas":2`, "metrics_config": `"wandb_project":"old"`, "request_generator_config": `"length_generator_config"`, "tp": "1"} {
		found := false
		for _, v := range c.config {
			found = found || v.name == name && strings.Contains(strings.ReplaceAll(v.json, ": ", ":"), part)
		}
		if !found {
			t.Errorf("the configuration has no %s with %s", name, part)
		}
	}
}
