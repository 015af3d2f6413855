package metrics_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/workload"
)

// twoRequests: iterations of a second; the first request comes at 0.5 s and the
// second while its prompt is in work. vLLM's scheduler takes prompts first.
//
//	0.5–1.5  prompt of 0
//	1.5–2.5  prompt of 1, which came at 1.0 and has one token only
//	2.5–4.5  two decodes of 0
func twoRequests() vidur.Config {
	return vidur.Config{
		Replicas: vidur.Uniform(1, vidur.ReplicaSpec{TP: 2, Blocks: 10, Device: vidur.Device{Price: 3.6}, Predictor: vidur.PredictorFunc(
			func(*vidur.Batch, int) (vidur.StageTime, error) { return vidur.Seconds(1), nil })}),
		NewWorkload:  workload.Replay{{At: 0.5, Prefill: 10, Decode: 3, Class: 7}, {At: 1, Prefill: 20, Decode: 1}}.New,
		NewScheduler: sched.VLLM{}.New,
	}
}

func TestByHand(t *testing.T) {
	cfg := twoRequests()
	st := metrics.New(metrics.Options{Replicas: cfg.Replicas, SLO: metrics.SLO{TTFT: 1.2, Attainment: 0.5}})
	run(t, cfg, st)
	sum := st.Summary()
	stat := func(name string) metrics.Stat {
		s, ok := sum.Metric(name)
		if !ok {
			t.Fatalf("no %s", name)
		}
		return s
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"TTFT of 0", stat("prefill_e2e_time").Min, 1},
		{"TTFT of 1", stat("prefill_e2e_time").Max, 1.5},
		{"median TTFT", stat("prefill_e2e_time").P50, 1.25},
		{"E2E of 0", stat("request_e2e_time").Max, 4},
		{"number of TPOTs", float64(stat("time_per_output_token").Count), 1},
		{"TPOT", stat("time_per_output_token").Mean, 1.5},
		{"number of ITLs", float64(stat("inter_token_latency").Count), 2},
		{"longest ITL", stat("inter_token_latency").Max, 2},
		{"shortest ITL", stat("inter_token_latency").Min, 1},
		{"preemption of 0", stat("request_preemption_time").Max, 1},
		{"delay of 1", stat("request_scheduling_delay").Max, 0.5},
		{"inter-arrival", stat("request_inter_arrival_delay").Mean, 0.5},
		{"inter-arrivals", float64(stat("request_inter_arrival_delay").Count), 1},
		{"batch tokens", stat("batch_num_tokens").Mean, 8},
		{"end", sum.End, 4.5},
		{"makespan", sum.Makespan, 4},
		{"requests/s", sum.RequestRate, 0.5},
		{"output tokens/s", sum.OutputTokenRate, 1},
		{"tokens/s", sum.TotalTokenRate, 8.5},
		{"GPUs", float64(sum.GPUs), 2},
		{"cost", sum.Cost, 2 * 3.6 * 4 / 3600},
		{"cost per million", sum.CostPerMillion, 2 * 3.6 * 4 / 3600 / 4 * 1e6},
		{"good requests", float64(sum.Goodput.Requests), 1},
		{"goodput", sum.Goodput.Rate, 0.25},
		{"busy", sum.Replicas[0].Stages[0].Busy.Mean, 100 * 4 / 4.5},
		// blocks: 1 from 0.5, 3 from 1.5, 1 from 2.5 to 4.5
		{"memory", sum.Replicas[0].Memory.Mean, 10 * (1 + 3 + 2) / 4.5},
		{"most memory", sum.Replicas[0].Memory.Max, 30},
	} {
		if !near(c.got, c.want) {
			t.Errorf("%s is %v, want %v", c.name, c.got, c.want)
		}
	}
	if !sum.Goodput.Attained || sum.Goodput.TTFT != 0.5 || sum.Goodput.TPOT != 1 {
		t.Errorf("goodput %+v", sum.Goodput)
	}
	if g, ok := st.Goodput(metrics.SLO{TPOT: 1.4, E2E: 10}); !ok || g.Requests != 1 || g.Attained {
		t.Errorf("goodput by TPOT %+v", g)
	}
	if c, err := st.Column("class"); err != nil || c.Values[0] != 7 || !c.Whole {
		t.Errorf("class %+v, %v", c, err)
	}
	if _, err := st.Column("nonsense"); err == nil {
		t.Error("a column of nonsense")
	}
}

func TestColumns(t *testing.T) {
	st := metrics.New(metrics.Options{})
	run(t, twoRequests(), st)
	for _, name := range metrics.ColumnNames() {
		c, err := st.Column(name)
		if err != nil || len(c.Values) != 2 || c.Name != name {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
	sum := st.Summary()
	for _, want := range sum.Metrics {
		if got, ok := st.Stat(want.Name); !ok || got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if _, ok := st.Stat("nonsense"); ok {
		t.Error("a metric of nonsense")
	}
	for _, name := range []string{"inter_token_latency", "batch_size", "batch_execution_time"} {
		bins, stat, ok := st.Sketch(name)
		n := 0
		for _, c := range bins {
			n += c
		}
		if !ok || n != stat.Count || n == 0 {
			t.Errorf("%s: %d in bins, %+v", name, n, stat)
		}
	}
	if _, _, ok := st.Sketch("nonsense"); ok {
		t.Error("a sketch of nonsense")
	}
}

// A run that is cut has rows without times, and all its files.
func TestCutRun(t *testing.T) {
	for _, opt := range []metrics.Options{{}, {Original: true, TokenSeries: true, KeepBatches: true, Operations: true}, {SketchesOnly: true}} {
		for _, until := range []float64{1e-9, 1.2, 2} {
			cfg := pressure(sched.Sarathi{Chunk: 64}.New, 2, 2)
			cfg.Until = until
			opt.Replicas = cfg.Replicas
			st := metrics.New(opt)
			run(t, cfg, st)
			sum := st.Summary()
			if _, err := json.Marshal(sum); err != nil {
				t.Error(err)
			}
			if sum.Arrived <= sum.Completed || sum.End < until {
				t.Errorf("%d of %d requests are complete at %g s", sum.Completed, sum.Arrived, sum.End)
			}
			files := memory{}
			if err := st.Write(files.open, metrics.WriteOptions{}); err != nil {
				t.Fatal(err)
			}
			if opt.SketchesOnly {
				continue
			}
			rows := strings.Split(strings.TrimSpace(files["request_metrics.csv"].String()), "\n")[1:]
			unfinished := 0
			for _, row := range rows {
				if strings.Contains(row, ",,,,,,,,,,,,,,") {
					unfinished++
				}
			}
			if len(rows) != sum.Arrived || unfinished != sum.Arrived-sum.Completed {
				t.Errorf("%d rows, %d without times, want %d and %d", len(rows), unfinished, sum.Arrived, sum.Arrived-sum.Completed)
			}
		}
	}
}

func TestEmptyStore(t *testing.T) {
	for _, opt := range []metrics.Options{{}, {SketchesOnly: true}, {Operations: true, KeepBatches: true, TokenSeries: true, Replicas: make([]vidur.ReplicaSpec, 2)}} {
		st := metrics.New(opt)
		if _, err := json.Marshal(st.Summary()); err != nil {
			t.Error(err)
		}
		files := memory{}
		if err := st.Write(files.open, metrics.WriteOptions{}); err != nil {
			t.Error(err)
		}
	}
}

// A predictor that fails ends the run; the store says what was until then.
func TestFailedRun(t *testing.T) {
	cfg := loadConfig(100)
	boom := errors.New("boom")
	cfg.Replicas[0].Predictor = vidur.PredictorFunc(func(b *vidur.Batch, stage int) (vidur.StageTime, error) {
		if b.ID == 50 {
			return vidur.StageTime{}, boom
		}
		return quick(b, stage)
	})
	st := metrics.New(metrics.Options{})
	sim, err := vidur.New(cfg, st)
	if err != nil {
		t.Fatal(err)
	}
	if err := sim.Run(context.Background()); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if sum := st.Summary(); sum.Batches != 50 || sum.Arrived == 0 {
		t.Errorf("%+v", sum)
	}
}

// Requests that the workload knows of before others, and that arrive after
// them, stand in the order of arrival.
func TestArrivalOrder(t *testing.T) {
	cfg := twoRequests()
	cfg.NewWorkload = func(*rand.Rand) (vidur.Workload, error) {
		return &think{list: []vidur.Arrival{{At: 0, Prefill: 1, Decode: 1}, {At: 0.5, Prefill: 1, Decode: 1}}}, nil
	}
	st := metrics.New(metrics.Options{})
	run(t, cfg, st)
	files := memory{}
	if err := st.Write(files.open, metrics.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	const want = ",Time (sec),request_arrival\n0,0.0,1\n1,0.5,2\n2,3.0,3\n3,11.0,4\n"
	if got := files["plots/request_arrival_time_series.csv"].String(); got != want {
		t.Errorf("arrivals\n%swant\n%s", got, want)
	}
	gaps, err := st.Column("request_inter_arrival_delay")
	if err != nil || gaps.Values[1] != 0.5 || gaps.Values[2] != 8 || gaps.Values[3] != 2.5 {
		t.Errorf("gaps %v, %v", gaps.Values, err)
	}
}

// think answers its first request with one that comes 10 s after it, and the
// second with one that comes 1 s after it.
type think struct {
	list []vidur.Arrival
	wait []float64
}

func (w *think) Next(now float64) (vidur.Arrival, error) {
	if len(w.list) > 0 {
		a := w.list[0]
		w.list = w.list[1:]
		return a, nil
	}
	if len(w.wait) > 0 {
		a := vidur.Arrival{At: now + w.wait[0], Prefill: 1, Decode: 1}
		w.wait = nil
		return a, nil
	}
	return vidur.Arrival{}, io.EOF
}

func (w *think) Done(r *vidur.Request) bool {
	if r.ID < 2 {
		w.wait = []float64{[]float64{10, 1}[r.ID]}
		return true
	}
	return false
}

// limited is a disk with room for n bytes in all; it fails when it is full, or
// at the close of a file.
type limited struct {
	n       int
	atClose string
}

var errDisk = errors.New("no space left on device")

func (d *limited) open(name string) (io.WriteCloser, error) { return &limitedFile{d, name}, nil }

type limitedFile struct {
	*limited
	name string
}

func (f *limitedFile) Write(p []byte) (int, error) {
	if f.n -= len(p); f.n < 0 {
		return 0, errDisk
	}
	return len(p), nil
}

func (f *limitedFile) Close() error {
	if f.name == f.atClose {
		return errDisk
	}
	return nil
}

func TestWriteErrors(t *testing.T) {
	st := metrics.New(metrics.Options{KeepBatches: true, Operations: true, TokenSeries: true})
	run(t, loadConfig(500), st)
	files := memory{}
	if err := st.Write(files.open, metrics.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	size := 0
	for name, text := range files {
		size += text.Len()
		err := st.Write((&limited{n: 1 << 40, atClose: name}).open, metrics.WriteOptions{})
		if !errors.Is(err, errDisk) || !strings.Contains(err.Error(), name) {
			t.Errorf("close of %s failed: %v", name, err)
		}
	}
	for _, room := range []int{0, 1, size / 3, size / 2, size - 1} {
		if err := st.Write((&limited{n: room}).open, metrics.WriteOptions{}); !errors.Is(err, errDisk) {
			t.Errorf("room for %d of %d bytes: %v", room, size, err)
		}
	}
	if err := st.Write((&limited{n: size}).open, metrics.WriteOptions{}); err != nil {
		t.Errorf("room for all: %v", err)
	}
	if err := st.Write(func(string) (io.WriteCloser, error) { return nil, errDisk }, metrics.WriteOptions{}); !errors.Is(err, errDisk) {
		t.Errorf("no file can be made: %v", err)
	}
}

func TestWriteOptions(t *testing.T) {
	st := metrics.New(metrics.Options{Operations: true})
	run(t, loadConfig(1000), st)
	files := memory{}
	err := st.Write(files.open, metrics.WriteOptions{NoBatches: true, NoUtilization: true, NoSummary: true, Subsamples: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"summary.json", "plots/batch_size.csv", "plots/replica_1_memory_usage.json"} {
		if files[name] != nil {
			t.Errorf("%s was written", name)
		}
	}
	if n := strings.Count(files["plots/request_e2e_time.csv"].String(), "\n"); n != 101 {
		t.Errorf("%d lines", n)
	}
	if files["plots/other_execution_time.csv"] == nil || files["plots/emb_execution_time.csv"] != nil {
		t.Error("of the operators that the original has not, those that ran are written")
	}
	files = memory{}
	if err := st.Write(files.open, metrics.WriteOptions{NoRequests: true}); err != nil || files["request_metrics.csv"] != nil || files["summary.json"] == nil {
		t.Errorf("without requests: %v", err)
	}
}

func TestDir(t *testing.T) {
	dir := t.TempDir()
	st := metrics.New(metrics.Options{})
	run(t, twoRequests(), st)
	if err := st.Write(metrics.Dir(dir), metrics.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	var sum metrics.Summary
	readJSON(t, dir+"/summary.json", &sum)
	if sum.Completed != 2 || len(sum.Metrics) == 0 {
		t.Errorf("%+v", sum)
	}
}

// Nothing is allocated for an iteration, and less than one allocation in a
// hundred for a request.
func TestAllocations(t *testing.T) {
	st := metrics.New(metrics.Options{Operations: true})
	e := decodeBatch(32)
	batch := e.Batch
	rng := rand.New(rand.NewPCG(1, 2))
	iteration := func() {
		e.Batch, e.At = batch, 1
		e.Kind = vidur.StageStarted
		st.Record(e)
		e.At += 0.01 + 0.01*rng.Float64()
		e.Kind = vidur.StageEnded
		st.Record(e)
		e.Kind = vidur.BatchEnded
		st.Record(e)
	}
	for range 100 {
		iteration()
	}
	if n := testing.AllocsPerRun(1000, iteration); n != 0 {
		t.Errorf("%g allocations per iteration", n)
	}
	r := &vidur.Request{Arrival: vidur.Arrival{Prefill: 5, Decode: 3}}
	for _, st := range []*metrics.Store{metrics.New(metrics.Options{}), metrics.New(metrics.Options{SketchesOnly: true})} {
		arrive := vidur.Event{Kind: vidur.Arrived, Request: r}
		n := testing.AllocsPerRun(1, func() {
			for range 10000 {
				arrive.At += rng.Float64()
				st.Record(&arrive)
				r.ID++
			}
		})
		if n > 100 {
			t.Errorf("%g allocations per 10000 requests", n)
		}
	}
}

func TestQuantile(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 3, 17, 100, 1000} {
		values := make([]float64, n)
		for i := range values {
			values[i] = float64(rng.IntN(n)) // with ties
		}
		for range 50 {
			q := rng.Float64()
			got := metrics.Quantile(values, q)
			rank := q * float64(n-1)
			below, above := 0, 0
			for _, v := range values {
				if v < got-1e-12 {
					below++
				}
				if v > got+1e-12 {
					above++
				}
			}
			if float64(below) > math.Ceil(rank) || float64(above) > math.Ceil(float64(n-1)-rank) {
				t.Fatalf("quantile %g of %d values is %g: %d are less, %d greater", q, n, got, below, above)
			}
		}
	}
	if got := metrics.Quantile([]float64{4, 1, 3, 2}, 0.4); !near(got, 2.2) {
		t.Errorf("got %g", got)
	}
	for _, q := range []float64{-0.1, 1.1, math.NaN()} {
		if v := metrics.Quantile([]float64{1}, q); !math.IsNaN(v) {
			t.Errorf("quantile %g is %g", q, v)
		}
	}
}
