package trace_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/route"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/trace"
)

// load is n requests, some of which come at once.
type load struct {
	n   int
	at  float64
	rng *rand.Rand
}

func (l *load) Next(float64) (vidur.Arrival, error) {
	if l.n == 0 {
		return vidur.Arrival{}, io.EOF
	}
	l.n--
	if l.rng.IntN(3) > 0 {
		l.at += l.rng.ExpFloat64() / 20
	}
	return vidur.Arrival{At: l.at, Prefill: 1 + l.rng.IntN(400), Decode: 1 + l.rng.IntN(60)}, nil
}

func (*load) Done(*vidur.Request) bool { return false }

func predict(b *vidur.Batch, _ int) (vidur.StageTime, error) {
	return vidur.Seconds(0.006 + 0.00005*float64(b.NumTokens)), nil
}

func config(requests, replicas, pp int) vidur.Config {
	return vidur.Config{
		Replicas: vidur.Uniform(replicas, vidur.ReplicaSpec{PP: pp, Blocks: 100, Predictor: vidur.PredictorFunc(predict)}),
		NewWorkload: func(rng *rand.Rand) (vidur.Workload, error) {
			return &load{n: requests, rng: rng}, nil
		},
		NewRouter:    route.NewRoundRobin,
		NewScheduler: sched.Sarathi{Chunk: 128}.New,
	}
}

func simulate(t testing.TB, cfg vidur.Config, recorders ...vidur.Recorder) {
	t.Helper()
	sim, err := vidur.New(cfg, recorders...)
	if err == nil {
		err = sim.Run(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
}

type chromeFile struct {
	TraceEvents []struct {
		Name     string
		Ph       string
		Ts, Dur  float64
		Pid, Tid int
		Args     struct {
			Name       string
			BatchID    int   `json:"batch_id"`
			BatchSize  int   `json:"batch_size"`
			RequestIDs []int `json:"request_ids"`
			NumTokens  any   `json:"num_tokens"`
		}
	}
}

func TestChrome(t *testing.T) {
	for _, opt := range []trace.ChromeOptions{{}, {Plain: true}, {Summary: true}} {
		t.Run(fmt.Sprint(opt), func(t *testing.T) {
			var buf bytes.Buffer
			c := trace.NewChrome(&buf, opt)
			ended := 0
			simulate(t, config(100, 3, 2), c, vidur.RecorderFunc(func(e *vidur.Event) {
				if e.Kind == vidur.StageEnded {
					ended++
				}
			}))
			if err := errors.Join(c.Close(), c.Close()); err != nil {
				t.Fatal(err)
			}
			c.Record(&vidur.Event{Kind: vidur.StageEnded}) // is not written any more
			var got chromeFile
			if err := json.Unmarshal(buf.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			complete, meta := 0, map[string]int{}
			for _, e := range got.TraceEvents {
				switch e.Ph {
				case "X":
					complete++
				case "M":
					meta[e.Args.Name]++
				}
				if e.Ph == "X" && !opt.Summary && (e.Name != fmtList(e.Args.RequestIDs) || e.Args.BatchSize != len(e.Args.RequestIDs)) {
					t.Fatalf("event %+v", e)
				}
			}
			if complete != ended {
				t.Errorf("%d iterations, want %d", complete, ended)
			}
			if named := meta["replica 2"] == 1 && meta["stage 1"] == 3; named == opt.Plain {
				t.Errorf("names %v", meta)
			}
		})
	}
}

func fmtList(ids []int) string {
	text, _ := json.Marshal(ids)
	return string(bytes.ReplaceAll(text, []byte(","), []byte(", ")))
}

type eventJSON struct {
	Time         float64
	EventType    string `json:"event_type"`
	Request      *int
	ReplicaID    *int     `json:"replica_id"`
	StageID      *int     `json:"stage_id"`
	BatchID      *int     `json:"batch_id"`
	BatchStageID *int     `json:"batch_stage_id"`
	IsLast       *bool    `json:"is_last_stage"`
	BatchIDs     []int    `json:"batch_ids"`
	ReplicaSet   []int    `json:"replica_set"`
	Mapping      [][2]int `json:"request_mapping"`
}

// expect is what of an event is to be in the file.
func expect(e *vidur.Event) eventJSON {
	j := eventJSON{Time: e.At}
	switch e.Kind {
	case vidur.Arrived:
		j.EventType, j.Request = "request_arrival", ptr(e.Request.ID)
	case vidur.Routed:
		j.EventType, j.ReplicaSet, j.Mapping = "global_schedule", []int{}, [][2]int{}
		for _, r := range e.Requests {
			j.Mapping = append(j.Mapping, [2]int{r.Replica, r.ID})
			if !slices.Contains(j.ReplicaSet, r.Replica) {
				j.ReplicaSet = append(j.ReplicaSet, r.Replica)
			}
		}
		slices.Sort(j.ReplicaSet)
	case vidur.Scheduled:
		j.EventType, j.ReplicaID, j.BatchIDs = "replica_schedule", ptr(e.Replica.ID), []int{}
		for _, b := range e.Batches {
			j.BatchIDs = append(j.BatchIDs, b.ID)
		}
	case vidur.BatchEnded:
		j.EventType, j.BatchID = "batch_end", ptr(e.Batch.ID)
	default:
		j.EventType = map[vidur.Kind]string{vidur.StageArrived: "batch_stage_arrival", vidur.StageStarted: "replica_stage_schedule", vidur.StageEnded: "batch_stage_end"}[e.Kind]
		j.ReplicaID, j.StageID = ptr(e.Replica.ID), ptr(e.Stage)
		if e.Batch != nil {
			j.BatchID = ptr(e.Batch.ID)
		}
		if e.Kind != vidur.StageArrived {
			j.IsLast = ptr(e.Stage == e.Replica.Spec.PP-1)
		}
	}
	return j
}

func ptr[T any](v T) *T { return &v }

func TestEvents(t *testing.T) {
	var buf bytes.Buffer
	tr := trace.NewEvents(&buf)
	var want []eventJSON
	simulate(t, config(60, 3, 2), tr, vidur.RecorderFunc(func(e *vidur.Event) { want = append(want, expect(e)) }))
	if err := tr.Close(); err != nil {
		t.Fatal(err)
	}
	var got []eventJSON
	if err := json.Unmarshal(buf.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d events, want %d", len(got), len(want))
	}
	checkBatchStages(t, got)
	for i := range got {
		got[i].BatchStageID = nil
		a, _ := json.Marshal(got[i])
		b, _ := json.Marshal(want[i])
		if !bytes.Equal(a, b) {
			t.Fatalf("event %d is %s, want %s", i, a, b)
		}
	}
}

// checkBatchStages wants every batch stage to begin, in order, and to end once,
// on the same stage and with the same batch.
func checkBatchStages(t *testing.T, events []eventJSON) {
	t.Helper()
	type place struct{ replica, stage, batch int }
	work, next := map[int]place{}, 0
	for i, e := range events {
		if e.BatchStageID == nil {
			continue
		}
		id, at := *e.BatchStageID, place{*e.ReplicaID, *e.StageID, *e.BatchID}
		if e.EventType == "replica_stage_schedule" {
			if id != next {
				t.Fatalf("event %d: batch stage %d, want %d", i, id, next)
			}
			work[id], next = at, next+1
			continue
		}
		if work[id] != at {
			t.Fatalf("event %d: batch stage %d ends at %v, began at %v", i, id, at, work[id])
		}
		delete(work, id)
	}
	if next == 0 || len(work) > 0 {
		t.Errorf("%d batch stages, %d without an end", next, len(work))
	}
}

// A run that is cut anywhere leaves valid JSON, an empty one too.
func TestCutRuns(t *testing.T) {
	for steps := 0; steps < 400; steps += 7 {
		var a, b bytes.Buffer
		chrome, events := trace.NewChrome(&a, trace.ChromeOptions{}), trace.NewEvents(&b)
		sim, err := vidur.New(config(20, 2, 2), chrome, events)
		if err != nil {
			t.Fatal(err)
		}
		for range steps {
			sim.Step()
		}
		if err := errors.Join(chrome.Close(), events.Close()); err != nil {
			t.Fatal(err)
		}
		if !json.Valid(a.Bytes()) || !json.Valid(b.Bytes()) {
			t.Fatalf("no JSON after %d events:\n%s\n%s", steps, &a, &b)
		}
	}
}

// full is a disk with room for n bytes.
type full struct{ n int }

var errFull = errors.New("no space left")

func (f *full) Write(p []byte) (int, error) {
	if f.n -= len(p); f.n < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteErrors(t *testing.T) {
	for _, room := range []int{0, 100_000} {
		chrome, events := trace.NewChrome(&full{room}, trace.ChromeOptions{}), trace.NewEvents(&full{room})
		simulate(t, config(500, 1, 1), chrome, events)
		if err := chrome.Close(); !errors.Is(err, errFull) {
			t.Errorf("Chrome with room for %d: %v", room, err)
		}
		if err := events.Close(); !errors.Is(err, errFull) {
			t.Errorf("Events with room for %d: %v", room, err)
		}
	}
	if err := trace.WriteCluster(&full{}, make([]vidur.ReplicaSpec, 1)); !errors.Is(err, errFull) {
		t.Errorf("WriteCluster: %v", err)
	}
}

func TestWriteCluster(t *testing.T) {
	var buf bytes.Buffer
	model := vidur.Model{Layers: 80, Hidden: 8192, QHeads: 64, KVHeads: 8, FFN: 28672, Vocab: 32768, Gated: true}
	if err := trace.WriteCluster(&buf, vidur.Uniform(2, vidur.ReplicaSpec{Model: model, TP: 2})); err != nil {
		t.Fatal(err)
	}
	const want = `{"replicas": [` +
		`{"id": 0, "num_layers": 80, "num_q_heads": 64, "num_kv_heads": 8, "embedding_dim": 8192, "mlp_hidden_dim": 28672, "use_gated_mlp": true, "vocab_size": 32768, "num_pipeline_stages": 1, "num_tensor_parallel_workers": 2},` + "\n" +
		`{"id": 1, "num_layers": 80, "num_q_heads": 64, "num_kv_heads": 8, "embedding_dim": 8192, "mlp_hidden_dim": 28672, "use_gated_mlp": true, "vocab_size": 32768, "num_pipeline_stages": 1, "num_tensor_parallel_workers": 2}]}` + "\n"
	if buf.String() != want || !json.Valid(buf.Bytes()) {
		t.Errorf("got %s", &buf)
	}
}

func FuzzNumbers(f *testing.F) {
	f.Add(0.1, 1e-3)
	f.Add(1e300, 5e-324)
	f.Add(123456789.123456789, 1e15)
	f.Fuzz(func(t *testing.T, at, took float64) {
		if !(at >= 0 && at < 1e300 && took >= 0 && took < 1e12) {
			t.Skip()
		}
		var buf bytes.Buffer
		c := trace.NewChrome(&buf, trace.ChromeOptions{})
		b := &vidur.Batch{ID: 3, Time: vidur.Seconds(took)}
		b.Add(&vidur.Request{Arrival: vidur.Arrival{Prefill: 5, Decode: 1}, ID: 12, Prompt: 5}, 5)
		c.Record(&vidur.Event{Kind: vidur.StageEnded, At: at, Replica: &vidur.Replica{Spec: vidur.ReplicaSpec{PP: 1}}, Batch: b})
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		var got chromeFile
		if err := json.Unmarshal(buf.Bytes(), &got); err != nil {
			t.Fatalf("%v: %s", err, &buf)
		}
		if x := got.TraceEvents[2]; x.Dur != b.Time.Total()*1e6 || x.Ts != (at-b.Time.Total())*1e6 {
			t.Errorf("%+v", x)
		}
	})
}

// The events of a run with batches of n requests, over and over.
func benchmark(b *testing.B, recorder vidur.Recorder, kinds ...vidur.Kind) {
	for _, n := range []int{1, 16, 128} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			batch := &vidur.Batch{ID: 123456, ScheduledAt: 1234.5, StageStart: 1234.5, Time: vidur.Seconds(0.0312345678)}
			for i := range n {
				batch.Add(&vidur.Request{Arrival: vidur.Arrival{Prefill: 512, Decode: 64}, ID: 54321 + i, Done: 600, Prompt: 512}, 1)
			}
			e := &vidur.Event{At: 1234.5312345678, Replica: &vidur.Replica{Spec: vidur.ReplicaSpec{PP: 1}},
				Request: batch.Slots[0].Request, Batch: batch, Batches: []*vidur.Batch{batch}, Requests: []*vidur.Request{batch.Slots[0].Request}}
			b.ReportAllocs()
			for b.Loop() {
				for _, e.Kind = range kinds {
					recorder.Record(e)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(kinds)), "ns/event")
		})
	}
}

func BenchmarkChrome(b *testing.B) {
	benchmark(b, trace.NewChrome(io.Discard, trace.ChromeOptions{}), vidur.StageEnded)
}

func BenchmarkChromeSummary(b *testing.B) {
	benchmark(b, trace.NewChrome(io.Discard, trace.ChromeOptions{Summary: true}), vidur.StageEnded)
}

func BenchmarkEvents(b *testing.B) {
	benchmark(b, trace.NewEvents(io.Discard), vidur.Arrived, vidur.Routed, vidur.Scheduled, vidur.StageArrived, vidur.StageStarted, vidur.StageEnded, vidur.BatchEnded)
}

func TestChromeLimit(t *testing.T) {
	var text bytes.Buffer
	c := trace.NewChrome(&text, trace.ChromeOptions{Limit: 3, Plain: true})
	rep := &vidur.Replica{}
	for i := range 5 {
		c.Record(&vidur.Event{At: float64(i), Kind: vidur.StageEnded, Replica: rep, Batch: &vidur.Batch{ID: i}})
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	var file struct{ TraceEvents []json.RawMessage }
	if err := json.Unmarshal(text.Bytes(), &file); err != nil || len(file.TraceEvents) != 3 || c.Cut() != 2 {
		t.Errorf("%d events, %d cut, %v", len(file.TraceEvents), c.Cut(), err)
	}
}
