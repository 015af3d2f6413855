package search

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/spec"
)

func everything() []Option {
	return []Option{
		Over("chunk", 256, 1024),
		Over("qps", 5, 12.5),
		Schedulers("sarathi", Scheduler("shortest first", newShortestFirst), "vllm"),
		Seeds(1, 2, 3),
		Column("events at the end", func(s *metrics.Store) float64 { return s.End() }),
	}
}

// TestSweepIsANaiveLoop: on any number of workers a sweep gives what nested
// loops of single runs give, in their order, to the last bit.
func TestSweepIsANaiveLoop(t *testing.T) {
	base := small()
	before := *base
	first := mustSweep(t, base, append(everything(), Workers(1), Keep(nil))...)
	if *base != before {
		t.Error("the base experiment was changed")
	}
	i := 0
	for _, chunk := range []int{256, 1024} {
		for _, qps := range []float64{5, 12.5} {
			for _, scheduler := range []string{"sarathi", "shortest first", "vllm"} {
				for seed := uint64(1); seed <= 3; seed++ {
					e := small()
					e.Chunk, e.QPS, e.Seed = chunk, qps, seed
					var change func(*vidur.Config) error
					if e.Scheduler = scheduler; scheduler == "shortest first" {
						e.Scheduler = "sarathi"
						change = func(c *vidur.Config) error { c.NewScheduler = newShortestFirst; return nil }
					}
					row := first.Rows()[i]
					want := Point{{"chunk", chunk}, {"qps", qps}, {"scheduler", scheduler}, {"seed", int(seed)}}
					if !reflect.DeepEqual(row.Point, want) {
						t.Fatalf("row %d is %v, want %v", i, row.Point, want)
					}
					if store := alone(t, e, change); row.Store.Digest() != store.Digest() {
						t.Errorf("%v is not what it is alone", row.Point)
					}
					i++
				}
			}
		}
	}
	want := dump(t, first)
	for _, workers := range []int{2, 8} {
		if got := dump(t, mustSweep(t, base, append(everything(), Workers(workers))...)); got != want {
			t.Errorf("%d workers give other results", workers)
		}
	}
}

func TestFiguresAreTheSummary(t *testing.T) {
	e := small()
	e.SLOTTFT, e.Replicas, e.TP, e.PP = 0.05, 2, 2, 2
	r := mustSweep(t, e, Keep(nil))
	sum := r.Rows()[0].Store.Summary()
	ttft, _ := sum.Metric("prefill_e2e_time")
	tbt, _ := sum.Metric("inter_token_latency")
	for name, want := range map[string]float64{
		"ttft_mean_s": ttft.Mean, "ttft_p50_s": ttft.P50, "ttft_p90_s": ttft.P90, "ttft_p99_s": ttft.P99, "tbt_p99_s": tbt.P99,
		"requests_per_s": sum.RequestRate, "output_tokens_per_s": sum.OutputTokenRate, "tokens_per_s": sum.TotalTokenRate,
		"goodput_per_s": sum.Goodput.Rate, "slo_fraction": sum.Goodput.Fraction, "makespan_s": sum.Makespan, "gpus": 8,
		"arrived": 60, "completed": 60, "preemptions": float64(sum.Preemptions), "cost_usd": sum.Cost,
		"kv_mean_percent": (sum.Replicas[0].Memory.Mean + sum.Replicas[1].Memory.Mean) / 2,
	} {
		if got, err := r.Floats(name); err != nil || got[0] != want {
			t.Errorf("%s is %v (%v), want %g", name, got, err, want)
		}
	}
	e.SLOTTFT = 0
	if v, err := mustSweep(t, e).Floats("goodput_per_s"); err != nil || !math.IsNaN(v[0]) {
		t.Errorf("goodput without an SLO is %v, %v", v, err)
	}
}

// TestMBU compares with a sum by hand over a run of one request: its prefill in
// one iteration, then one token at a time.
func TestMBU(t *testing.T) {
	e := spec.Default()
	e.Workload, e.Requests, e.Prompt, e.Output, e.Arrivals = "fixed", 1, 100, 11, "static"
	for _, shape := range [][2]int{{1, 1}, {2, 1}, {2, 2}, {8, 4}, {16, 1}} {
		e.TP, e.PP = shape[0], shape[1]
		r := mustSweep(t, e, Keep(nil))
		if r.Err() != nil {
			t.Fatal(r.Err())
		}
		hw, err := e.Hardware()
		if err != nil {
			t.Fatal(err)
		}
		m := hw.Model
		layers := float64(m.Layers / e.PP)
		kv := 2 * 2 * layers * float64(max(m.KVHeads/e.TP, 1)*m.Head())
		bytes := 0.0
		for context := 100.0; context <= 110; context++ {
			bytes += 2*layers*float64(m.LayerParams(e.TP)) + kv*context
		}
		want := 100 * bytes / (hw.Device.Bandwidth * 1e9) / r.Rows()[0].Store.End()
		got, err := r.Floats("mbu_percent")
		if err != nil || math.Abs(got[0]-want) > 1e-9*want || !(got[0] > 1 && got[0] < 100) {
			t.Errorf("TP %d, PP %d: MBU is %v %%, %v; want %g", e.TP, e.PP, got, err, want)
		}
	}
}

func TestColumns(t *testing.T) {
	r := mustSweep(t, small(), Over("tp", 1, 3), Over("qps", 1, 2.5), Choose("kind", Choice{Label: "a"}), Over("scramble", true),
		Column("mine", func(*metrics.Store) float64 { return 7 }))
	for name, want := range map[string]any{
		"tp": []int{1, 1, 3, 3}, "qps": []float64{1, 2.5, 1, 2.5}, "kind": []string{"a", "a", "a", "a"}, "scramble": []bool{true, true, true, true},
	} {
		if got, err := r.Column(name); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, %v", name, got, err)
		}
	}
	if names := strings.Join(r.Names()[:7], " "); names != "tp qps kind scramble error ttft_mean_s ttft_p50_s" {
		t.Errorf("the columns begin with %s", names)
	}
	if mine, _ := r.Floats("mine"); mine[0] != 7 || !math.IsNaN(mine[2]) {
		t.Errorf("a column of the user's is %v", mine)
	}
	if tp, err := r.Floats("tp"); err != nil || !reflect.DeepEqual(tp, []float64{1, 1, 3, 3}) {
		t.Errorf("tp in floats is %v, %v", tp, err)
	}
	text, _ := r.Column("error")
	if s := text.([]string); s[0] != "" || !strings.Contains(s[2], "3") || strings.Contains(s[2], "qps=") {
		t.Errorf("errors are %q", s)
	}
	_, err := r.Column("ttft_p9_s")
	wants(t, err, "ttft_p99_s")
	_, err = r.Floats("kind")
	wants(t, err, "kind", "no numbers")
}

// TestRowsThatFail: a bad point, an error and panics of the user's are rows.
func TestRowsThatFail(t *testing.T) {
	mine := errors.New("mine")
	boom := func(*vidur.Replica) (vidur.Scheduler, error) {
		return vidur.SchedulerFunc(func(*vidur.Replica, *vidur.Batch) { panic(mine) }), nil
	}
	r := mustSweep(t, small(), Choose("case",
		Choice{Label: "good"},
		Choice{Label: "experiment", Experiment: func(*spec.Experiment) error { return mine }},
		Choice{Label: "experiment panics", Experiment: func(*spec.Experiment) error { panic(mine) }},
		Choice{Label: "config", Config: func(*vidur.Config) error { return mine }},
		Choice{Label: "config panics", Config: func(*vidur.Config) error { panic(mine) }},
		Scheduler("policy panics", boom),
		Choice{Label: "stuck", Experiment: func(e *spec.Experiment) error { e.Blocks = 1; return nil }},
		Choice{Label: "too much parallel", Experiment: func(e *spec.Experiment) error { e.TP = 3; return nil }},
		Choice{Label: "no such model", Experiment: func(e *spec.Experiment) error { e.Model = "gpt-9"; return nil }},
		Choice{Label: "not a number", Experiment: func(e *spec.Experiment) error { e.QPS = math.NaN(); return nil }},
		Choice{Label: "good too"},
	), Column("mine", func(s *metrics.Store) float64 { return 1 }))
	for i, row := range r.Rows() {
		label := row.Point.Value("case").(string)
		if good := strings.HasPrefix(label, "good"); good != (row.Err == nil) {
			t.Errorf("%s: %v", label, row.Err)
			continue
		} else if good {
			continue
		}
		var at *PointError
		if !errors.As(row.Err, &at) || !reflect.DeepEqual(at.Point, row.Point) || !strings.Contains(row.Err.Error(), "case="+label) {
			t.Errorf("%s: the error %v has no place", label, row.Err)
		}
		var panicked *vidur.PanicError
		if errors.As(row.Err, &panicked) != strings.Contains(label, "panics") {
			t.Errorf("%s: %v", label, row.Err)
		}
		if i > 0 && i < 6 && !errors.Is(row.Err, mine) {
			t.Errorf("%s: the error %v is another one", label, row.Err)
		}
		for _, v := range row.Figures {
			if !math.IsNaN(v) {
				t.Errorf("%s has figures", label)
				break
			}
		}
	}
	if got := len(r.Err().(interface{ Unwrap() []error }).Unwrap()); got != 9 {
		t.Errorf("%d errors are joined, want 9", got)
	}
	panics := mustSweep(t, small(), Column("bad", func(*metrics.Store) float64 { panic("no") }))
	wants(t, panics.Err(), "panicked: no")
}

func TestOptionsThatAreWrong(t *testing.T) {
	for _, c := range []struct {
		option Option
		want   string
	}{
		{Over("chunk_size", 1), `unknown parameter "chunk-size"; near: chunk`},
		{Over("qsp", 1), "near: qps"},
		{Over("chunk", "256"), `chunk takes a whole number, not "256" (string)`},
		{Over("chunk", 256.5), "chunk takes a whole number, not 256.5 (float64)"},
		{Over("chunk", true), "whole number"},
		{Over("chunk", nil), "chunk takes a whole number, not nil"},
		{Over("chunk", -1), "must not be negative"},
		{Over("qps", "fast"), "qps takes a number"},
		{Over("qps", math.NaN()), "finite"},
		{Over("qps", math.Inf(1)), "finite"},
		{Over("qps", -2), "not negative"},
		{Over("model", 7), "model takes a string"},
		{Over("scramble", 1), "scramble takes true or false"},
		{Over("seed", uint64(1)<<63), "too large"},
		{Over("seed", -1), "not a whole number from 0 on"},
		{Over("qps"), "qps has no values"},
		{Over("qps", []float64{}), "qps has no values"},
		{Over("qps", 1, 2, 1.0), "twice"},
		{Seeds(1, 1), "twice"},
		{Seeds(-1), "negative"},
		{Choose("x"), "x has no values"},
		{Choose("", Choice{Label: 1}), "no name"},
		{Choose("x", Choice{}), "a value of an axis is"},
		{Choose("x", Choice{Label: 1}, Choice{Label: "one"}), "mixes"},
		{Choose("x", Choice{Label: "one"}, Choice{Label: 1}), "mixes"},
		{Choose("error", Choice{Label: 1}), `two columns "error"`},
		{Choose("ttft_p99_s", Choice{Label: 1}), `two columns "ttft_p99_s"`},
		{Schedulers("vllm", 3), "scheduler takes names and choices"},
		{Zip(), "nothing is zipped"},
		{Zip(Over("tp", 1, 2), Over("qps", 1)), "[tp] has 2 values and [qps] has 1"},
		{Zip(Over("tp", 1, 2), Workers(2)), "must be axes"},
		{Zip(Over("pt", 1, 2)), "unknown parameter"},
		{Workers(0), "at least 1"},
		{Column("", nil), "needs a name"},
		{Replications(3), "option of Compare"},
	} {
		if _, err := Sweep(context.Background(), small(), c.option); err == nil {
			t.Errorf("no error; want %q", c.want)
		} else {
			wants(t, err, "search: ", c.want)
		}
	}
	_, err := Sweep(context.Background(), nil)
	wants(t, err, "no base")
	_, err = Sweep(context.Background(), small(), Over("tp", 1), Over("tp", 2))
	wants(t, err, `two columns "tp"`)
	var long []int
	for i := range 1100 {
		long = append(long, i)
	}
	_, err = Sweep(context.Background(), small(), Seeds(long...), Over("blocks", long))
	wants(t, err, "more than")
}

func TestZipIsAListOfPoints(t *testing.T) {
	r := mustSweep(t, small(), Zip(Over("tp", 1, 2, 1), Over("qps", []float64{1, 2, 4}), Schedulers("vllm", Scheduler("mine", newShortestFirst), "vllm")), Seeds(4, 5))
	var got []string
	for _, row := range r.Rows() {
		got = append(got, row.Point.String())
	}
	want := "tp=1, qps=1, scheduler=vllm, seed=4; tp=1, qps=1, scheduler=vllm, seed=5; tp=2, qps=2, scheduler=mine, seed=4; " +
		"tp=2, qps=2, scheduler=mine, seed=5; tp=1, qps=4, scheduler=vllm, seed=4; tp=1, qps=4, scheduler=vllm, seed=5"
	if strings.Join(got, "; ") != want || r.Err() != nil {
		t.Errorf("points %s; %v", strings.Join(got, "; "), r.Err())
	}
}

func TestRouters(t *testing.T) {
	e := small()
	e.Replicas = 2
	first := func(*vidur.Cluster, *rand.Rand) (vidur.Router, error) {
		return vidur.RouterFunc(func(*vidur.Request, *vidur.Cluster) int { return 0 }), nil
	}
	r := mustSweep(t, e, Routers("round_robin", Router("first", first)), Keep(func(p Point) bool { return p.Value("router") == "first" }))
	if r.Err() != nil || r.Rows()[0].Store != nil {
		t.Fatal(r.Err(), "or a store that was not asked for")
	}
	if use := r.Rows()[1].Store.Use(); use[0].Completed != 60 || use[1].Completed != 0 {
		t.Errorf("the user's router was not used: %+v", use)
	}
}

// TestConfigsAreApart: what one run does to its Config no other run sees.
func TestConfigsAreApart(t *testing.T) {
	halve := Choice{Label: "half", Config: func(c *vidur.Config) error {
		for i := range c.Replicas {
			c.Replicas[i].Blocks = 400
		}
		c.Replicas = append(c.Replicas, c.Replicas[0])
		return nil
	}}
	e := small()
	e.Replicas = 2
	r := mustSweep(t, e, Choose("memory", halve, Choice{Label: "all"}), Seeds(1, 2))
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	gpus, _ := r.Floats("gpus")
	if !reflect.DeepEqual(gpus, []float64{3, 3, 2, 2}) {
		t.Errorf("GPUs are %v", gpus)
	}
	e.Seed = 2
	if want, _ := mustSweep(t, e).Floats("kv_mean_percent"); func() float64 { v, _ := r.Floats("kv_mean_percent"); return v[3] }() != want[0] {
		t.Error("a run was disturbed by another's Config")
	}
}

func TestProgress(t *testing.T) {
	var calls []int
	failed, points := 0, map[string]bool{}
	r := mustSweep(t, small(), Over("tp", 1, 3), Seeds(1, 2, 3, 4), Workers(4), Progress(func(done, total int, p Point, err error) {
		calls = append(calls, done)
		if points[p.String()] = true; total != 8 {
			t.Errorf("%d of %d", done, total)
		}
		if err != nil {
			failed++
		}
	}))
	if !reflect.DeepEqual(calls, []int{1, 2, 3, 4, 5, 6, 7, 8}) || failed != 4 || len(points) != 8 || r.Len() != 8 {
		t.Errorf("progress %v, %d failed, %d points", calls, failed, len(points))
	}
}
