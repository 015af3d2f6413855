package metrics_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/route"
	"github.com/govidur/govidur/vidur/sched"
)

// pressure is a run with little memory, so with restarts.
func pressure(scheduler func(*vidur.Replica) (vidur.Scheduler, error), replicas, pp int) vidur.Config {
	return vidur.Config{
		Seed: 7,
		Replicas: vidur.Uniform(replicas, vidur.ReplicaSpec{
			Model:  vidur.Model{Name: "small", Layers: 8, Hidden: 512, QHeads: 8, KVHeads: 8, FFN: 1024, Vocab: 100},
			Device: vidur.Device{Name: "card", TFLOPS: 100, MemoryGB: 10, Price: 3},
			PP:     pp, Blocks: 120, Predictor: vidur.PredictorFunc(ragged)}),
		NewWorkload: func(rng *rand.Rand) (vidur.Workload, error) {
			return &load{n: 400, prefill: 150, decode: 60, qps: 12 * float64(replicas), rng: rng}, nil
		},
		NewRouter:    route.NewRoundRobin,
		NewScheduler: scheduler,
	}
}

// ragged gives every batch a time of its own, part of it on the host.
func ragged(b *vidur.Batch, stage int) (vidur.StageTime, error) {
	t := vidur.StageTime{Layers: 4}
	t.Ops[vidur.OpMLPUp] = 0.5 + 0.01*float64(b.NumTokens) + 1e-4*float64(b.ID%97)
	t.Ops[vidur.OpAdd] = 0.1
	t.Ops[vidur.OpAttnDecode] = 1e-4 * float64(b.DecodeCached)
	t.Ops[vidur.OpLMHead] = 0.2 * float64(stage)
	t.Ops[vidur.OpSchedule] = 0.1
	return t, nil
}

var lawCases = map[string]vidur.Config{
	"vllm":         pressure(sched.VLLM{}.New, 1, 1),
	"vllm pp2":     pressure(sched.VLLM{}.New, 2, 2),
	"sarathi":      pressure(sched.Sarathi{Chunk: 64}.New, 1, 1),
	"sarathi pp2":  pressure(sched.Sarathi{Chunk: 48}.New, 2, 2),
	"orca":         pressure(sched.Orca{Reserve: sched.Reserve{Share: 3}}.New, 1, 1),
	"sarathi cut":  pressure(sched.Sarathi{Chunk: 64, RestartAtDone: true}.New, 1, 1),
	"four of vllm": pressure(sched.VLLM{}.New, 4, 1),
}

func init() {
	c := lawCases["orca"]
	c.Replicas = slices.Clone(c.Replicas)
	c.Replicas[0].MaxTokens = 600
	lawCases["orca"] = c
}

func TestLaws(t *testing.T) {
	for name, cfg := range lawCases {
		t.Run(name, func(t *testing.T) {
			all := metrics.New(metrics.Options{Replicas: cfg.Replicas, KeepBatches: true, Operations: true, TokenSeries: true})
			only := metrics.New(metrics.Options{Replicas: cfg.Replicas, SketchesOnly: true})
			twin := newTwin()
			run(t, cfg, all, only, twin)
			if restarts := all.Summary().Preemptions; restarts == 0 && name != "orca" && name != "four of vllm" {
				t.Error("no restarts: the case says little")
			}
			checkTimes(t, all)
			if name != "sarathi cut" { // whose restarts turn prompt into output
				checkTokens(t, all)
			}
			twin.check(t, all)
			checkSketches(t, all, only)
			checkFiles(t, all)
			checkFiles(t, only)
		})
	}
}

func checkTimes(t *testing.T, st *metrics.Store) {
	t.Helper()
	n := 0
	for r := range st.Requests {
		n++
		if !r.Done() || r.Replica < 0 {
			t.Fatalf("request %d is not complete", r.ID)
		}
		if !(0 <= r.Delay() && r.Delay() <= r.Queueing() && r.Queueing() < r.TTFT() && r.TTFT() <= r.E2E()) {
			t.Errorf("request %d: delay %g, queueing %g, TTFT %g, E2E %g", r.ID, r.Delay(), r.Queueing(), r.TTFT(), r.E2E())
		}
		if sum := r.Queueing() + r.Exec + r.Preemption(); math.Abs(sum-r.E2E()) > 1e-8 {
			t.Errorf("request %d: queueing, execution and preemption are %g, E2E is %g", r.ID, sum, r.E2E())
		}
		if !(r.Model() < r.Exec) || r.Preemption() < 0 {
			t.Errorf("request %d: execution %g, of it on the device %g, preemption %g", r.ID, r.Exec, r.Model(), r.Preemption())
		}
	}
	if n != st.Len() || n != st.Completed() || n != st.Arrived() {
		t.Errorf("%d rows, %d by Len, %d completed, %d arrived", n, st.Len(), st.Completed(), st.Arrived())
	}
}

// checkTokens: between the first and the last token of a request lie all its
// ITLs, one less than it has tokens, whatever chunks and restarts did.
func checkTokens(t *testing.T, st *metrics.Store) {
	t.Helper()
	gaps, time, decode := 0, 0.0, 0
	for r := range st.Requests {
		decode += int(r.Decode)
		gaps += int(r.Decode) - 1
		time += r.Completed - r.Prefilled
	}
	sum := st.Summary()
	itl, _ := sum.Metric("inter_token_latency")
	if itl.Count != gaps || math.Abs(itl.Mean*float64(gaps)-time) > 1e-9*time {
		t.Errorf("%d ITLs of %g s, want %d of %g s", itl.Count, itl.Mean*float64(gaps), gaps, time)
	}
	if sum.EmittedTokens != decode || sum.OutputTokens != decode {
		t.Errorf("%d tokens emitted, %d of complete requests, want %d", sum.EmittedTokens, sum.OutputTokens, decode)
	}
}

// twin measures by the book what a Store measures fast.
type twin struct {
	sizes, tokens, prefills []float64
	memory                  map[int][]float64 // by replica: time, percent, …
	busy                    map[[2]int]float64
	flops                   map[[2]int]float64
	now                     float64
}

func newTwin() *twin {
	return &twin{memory: map[int][]float64{}, busy: map[[2]int]float64{}, flops: map[[2]int]float64{}}
}

func (w *twin) Record(e *vidur.Event) {
	w.now = e.At
	switch e.Kind {
	case vidur.Scheduled:
		if len(e.Batches) > 0 {
			w.hold(e)
		}
	case vidur.BatchEnded:
		w.hold(e)
		w.sizes = append(w.sizes, float64(e.Batch.Len()))
		w.tokens = append(w.tokens, float64(e.Batch.NumTokens))
		w.prefills = append(w.prefills, float64(e.Batch.PrefillTokens))
	case vidur.StageEnded:
		at, b, spec := [2]int{e.Replica.ID, e.Stage}, e.Batch, &e.Replica.Spec
		w.busy[at] += b.Time.Total()
		layers := float64(spec.Model.Layers / spec.PP)
		w.flops[at] += 2 * float64(b.NumTokens) * layers * float64(spec.Model.LayerParams(spec.TP))
		for _, s := range b.Slots {
			w.flops[at] += 4 * layers * float64(spec.Model.QHeads/spec.TP*spec.Model.Head()) * float64(s.Tokens) * float64(s.Tokens+s.Cached)
		}
	}
}

func (w *twin) hold(e *vidur.Event) {
	id := e.Replica.ID
	w.memory[id] = append(w.memory[id], e.At, 100*float64(e.Replica.KV.Used())/float64(e.Replica.KV.Blocks))
}

func (w *twin) check(t *testing.T, st *metrics.Store) {
	t.Helper()
	sum := st.Summary()
	for name, values := range map[string][]float64{"batch_size": w.sizes, "batch_num_tokens": w.tokens, "batch_num_prefill_tokens": w.prefills} {
		s, _ := sum.Metric(name)
		want := slices.Clone(values)
		if !s.Exact || s.Count != len(values) || !near(s.P25, metrics.Quantile(want, 0.25)) || !near(s.P99, metrics.Quantile(want, 0.99)) ||
			s.Min != slices.Min(want) || s.Max != slices.Max(want) {
			t.Errorf("%s: %+v", name, s)
		}
	}
	for _, u := range st.Use() {
		area, at, y, most := 0.0, 0.0, 0.0, 0.0
		for m := w.memory[u.Replica]; len(m) > 0; m = m[2:] {
			area += y * (m[0] - at)
			at, y, most = m[0], m[1], max(most, m[1])
		}
		if mean := (area + y*(w.now-at)) / w.now; !near(u.Memory.Mean, mean) || !near(u.Memory.Max, most) {
			t.Errorf("replica %d: memory %+v, want %g, at most %g", u.Replica, u.Memory, mean, most)
		}
		for j, s := range u.Stages {
			at := [2]int{u.Replica, j}
			if busy := 100 * w.busy[at] / w.now; math.Abs(s.Busy.Mean-busy) > 1e-6 {
				t.Errorf("replica %d stage %d: busy %g, want %g", u.Replica, j, s.Busy.Mean, busy)
			}
			if mfu := 100 * w.flops[at] / 1e14 / w.now; !near(s.MFU.Mean, mfu) || s.MFU.Mean > s.MFU.Max || mfu == 0 {
				t.Errorf("replica %d stage %d: MFU %+v, want %g", u.Replica, j, s.MFU, mfu)
			}
		}
	}
}

// checkSketches: without rows, means are the same and percentiles within 0.1 %
// of the value at the rank.
func checkSketches(t *testing.T, all, only *metrics.Store) {
	t.Helper()
	exact, sketched := all.Summary(), only.Summary()
	for i, a := range exact.Metrics {
		b := sketched.Metrics[i]
		if a.Name != b.Name || a.Count != b.Count || !near(a.Min, b.Min) || !near(a.Max, b.Max) || math.Abs(a.Mean-b.Mean) > 1e-9*a.Mean+1e-12 || math.Abs(a.Std-b.Std) > 1e-6*a.Std+1e-9 {
			t.Errorf("exact %+v, sketched %+v", a, b)
		}
		column, err := all.Column(a.Name)
		if err != nil {
			continue
		}
		values := slices.DeleteFunc(column.Values, func(v float64) bool { return v != v })
		slices.Sort(values)
		for _, p := range []struct{ q, got float64 }{{0.25, b.P25}, {0.5, b.P50}, {0.75, b.P75}, {0.9, b.P90}, {0.95, b.P95}, {0.99, b.P99}, {0.999, b.P999}} {
			if want := values[int(p.q*float64(len(values)-1))]; math.Abs(p.got-want) > 0.0010001*want {
				t.Errorf("%s: quantile %g is %g, exactly %g", a.Name, p.q, p.got, want)
			}
		}
	}
	exact.Metrics, sketched.Metrics, exact.Operators = nil, nil, nil
	a, _ := json.Marshal(exact)
	b, _ := json.Marshal(sketched)
	if string(a) != string(b) {
		t.Errorf("with rows %s\nwithout %s", a, b)
	}
}

// checkFiles: distributions and time series never fall.
func checkFiles(t *testing.T, st *metrics.Store) {
	t.Helper()
	files := memory{}
	if err := st.Write(files.open, metrics.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if strings.HasSuffix(name, ".json") && !json.Valid(text.Bytes()) {
			t.Errorf("%s is no JSON: %s", name, text)
		}
		if !strings.HasPrefix(name, "plots/") || strings.HasSuffix(name, "_per_batch.csv") || strings.HasSuffix(name, ".json") {
			continue
		}
		lines := strings.Split(strings.TrimSpace(text.String()), "\n")
		columns := len(strings.Split(lines[0], ","))
		last := []float64{math.Inf(-1), math.Inf(-1)}
		for _, line := range lines[1:] {
			cells := strings.Split(line, ",")
			for i := range last {
				v := number(t, cells[columns-2+i])
				if v < last[i] {
					t.Fatalf("%s falls: %s", name, line)
				}
				last[i] = v
			}
		}
	}
}

func TestDigest(t *testing.T) {
	cfg := pressure(sched.Sarathi{Chunk: 64}.New, 2, 2)
	digests := make([]string, 8)
	var wait sync.WaitGroup
	for i := range digests {
		wait.Go(func() {
			c := cfg
			if i == 7 {
				c.Seed++
			}
			st := metrics.New(metrics.Options{KeepBatches: i == 6, Operations: true})
			run(t, c, st)
			digests[i] = st.Digest()
		})
	}
	wait.Wait()
	for i, d := range digests[1:6] {
		if d != digests[0] {
			t.Errorf("run %d has another digest", i+1)
		}
	}
	if digests[6] == digests[0] || digests[7] == digests[0] {
		t.Error("other batches or another seed have the same digest")
	}
	if fmt.Sprint(len(digests[0])) != "64" {
		t.Errorf("digest %q", digests[0])
	}
}
