package breakdown_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/breakdown"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/vidurtest"
)

// run breaks cfg down.
func run(t testing.TB, cfg vidur.Config) []breakdown.Request {
	t.Helper()
	var rec breakdown.Recorder
	record(t, cfg, &rec)
	if err := rec.Err(); err != nil {
		t.Fatal(err)
	}
	return rec.Requests()
}

func record(t testing.TB, cfg vidur.Config, recorders ...vidur.Recorder) {
	t.Helper()
	s, err := vidur.New(cfg, recorders...)
	if err == nil {
		err = s.Run(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func reserve(most int) sched.Reserve { return sched.Reserve{MaxBatch: most} }

// single is vLLM with at most one request.
func single(rep *vidur.Replica) (vidur.Scheduler, error) {
	return sched.VLLM{Common: sched.Common{MaxBatch: 1, Watermark: -1}}.New(rep)
}

func chunks(n int) vidurtest.NewScheduler {
	return sched.Sarathi{Chunk: n, Common: sched.Common{Watermark: -1}}.New
}

// situation is a run in which a stage takes 1 s and 0.25 s for each token.
type situation struct {
	name      string
	shape     vidurtest.Shape
	scheduler vidurtest.NewScheduler
	router    vidurtest.NewRouter
	arrivals  []vidur.Arrival
	want      []string // TTFT and decode of each request
}

// twice are two prompts at once that need no decode.
func twice(prompt int) []vidur.Arrival {
	return []vidur.Arrival{{Prefill: prompt, Decode: 1}, {Prefill: prompt, Decode: 1}}
}

func situations() []situation {
	small := vidurtest.Shape{PP: 1, Blocks: 100, BlockSize: 1, MaxTokens: 40}
	two, tight := small, small
	two.PP, tight.Blocks = 2, 16
	return []situation{
		{"alone", small, single, nil, []vidur.Arrival{{Prefill: 4, Decode: 3}}, []string{"compute 2 | compute 2.5"}},
		{"alone in a pipeline", two, chunks(2), nil, []vidur.Arrival{{Prefill: 4, Decode: 2}}, []string{"compute 6 | compute 2.5"}},
		{"a slot", small, single, nil, []vidur.Arrival{{Prefill: 4, Decode: 2}, {Prefill: 4, Decode: 1}},
			[]string{"compute 2 | compute 1.25", "slots 3.25 compute 2 |"}},
		{"an iteration", small, chunks(64), nil, []vidur.Arrival{{Prefill: 4, Decode: 2}, {At: 1.5, Prefill: 4, Decode: 1}},
			[]string{"compute 2 | interference 1 compute 1.25", "iteration 0.5 compute 2.25 |"}},
		{"tokens", small, chunks(4), nil, []vidur.Arrival{{Prefill: 4, Decode: 1}, {Prefill: 4, Decode: 1}},
			[]string{"compute 2 |", "tokens 2 compute 2 |"}},
		{"two prompts", small, chunks(6), nil, []vidur.Arrival{{Prefill: 4, Decode: 1}, {Prefill: 4, Decode: 1}},
			[]string{"interference 0.5 compute 2 |", "interference 1 compute 3 |"}},
		{"memory", tight, chunks(64), nil, []vidur.Arrival{{Prefill: 12, Decode: 2}, {Prefill: 8, Decode: 1}},
			[]string{"compute 4 | compute 1.25", "memory 5.25 compute 3 |"}},
		{"its own choice", small, sched.FasterTransformer{Reserve: reserve(8)}.New, nil, []vidur.Arrival{{Prefill: 4, Decode: 2}, {At: 1.5, Prefill: 4, Decode: 1}},
			[]string{"compute 2 | compute 1.25", "iteration 0.5 policy 1.25 compute 2 |"}},
		{"the router", small, single, onlyOne, []vidur.Arrival{{Prefill: 4, Decode: 1}, {At: 1, Prefill: 4, Decode: 1}},
			[]string{"compute 2 |", "router 1 compute 2 |"}},
		{"left out", small, sched.VLLM{Common: sched.Common{Watermark: -1}}.New, nil, []vidur.Arrival{{Prefill: 4, Decode: 2}, {At: 1.5, Prefill: 4, Decode: 1}},
			[]string{"compute 2 | left_out 2 compute 1.25", "iteration 0.5 compute 2 |"}},
		{"a line", two, single2, nil, []vidur.Arrival{{Prefill: 4, Decode: 1}, {Prefill: 8, Decode: 1}},
			[]string{"compute 4 |", "bubble 2 compute 6 |"}},
		{"preempted", tight, chunks(64), nil, []vidur.Arrival{{Prefill: 8, Decode: 4}, {Prefill: 8, Decode: 3}},
			[]string{"interference 2 compute 3 | compute 3.75", "interference 2 compute 3 | preempted 3.75 recompute 3.25 compute 1.25"}},
		{"slots of orca", small, sched.Orca{Reserve: reserve(1)}.New, nil, twice(4), []string{"compute 2 |", "slots 2 compute 2 |"}},
		{"memory of orca", small, sched.Orca{Reserve: sched.Reserve{Share: 5}}.New, nil, append(twice(4), twice(4)[0]),
			[]string{"interference 1 compute 2 |", "interference 1 compute 2 |", "memory 3 compute 2 |"}},
		{"tokens of vllm", small, sched.VLLM{MaxTokens: 8}.New, nil, twice(6), []string{"compute 2.5 |", "tokens 2.5 compute 2.5 |"}},
		{"tokens of lightllm", small, sched.LightLLM{MaxTokens: 8}.New, nil, twice(6), []string{"compute 2.5 |", "tokens 2.5 compute 2.5 |"}},
		{"slots of lightllm", small, sched.LightLLM{Common: sched.Common{MaxBatch: 1}}.New, nil, twice(4), []string{"compute 2 |", "slots 2 compute 2 |"}},
		{"memory of lightllm", tight, sched.LightLLM{}.New, nil, []vidur.Arrival{{Prefill: 12, Decode: 2}, {Prefill: 8, Decode: 1}},
			[]string{"compute 4 | compute 1.25", "memory 5.25 compute 3 |"}},
		{"choice of lightllm", small, sched.LightLLM{}.New, nil, []vidur.Arrival{{Prefill: 4, Decode: 2}, {At: 1.5, Prefill: 4, Decode: 1}},
			[]string{"compute 2 | compute 1.25", "iteration 0.5 policy 1.25 compute 2 |"}},
	}
}

// TestByHand compares situations with what is worked out by hand.
func TestByHand(t *testing.T) {
	for _, c := range situations() {
		t.Run(c.name, func(t *testing.T) {
			k := vidurtest.Case{Replicas: []vidurtest.Shape{c.shape}, Base: 1, PerToken: 0.25, Arrivals: c.arrivals}
			cfg := k.Config(c.scheduler, c.router)
			if err := vidurtest.Breakdown(cfg); err != nil {
				t.Error(err)
			}
			for i, r := range run(t, cfg) {
				if got := strings.TrimSpace(text(r.TTFT) + " | " + text(r.Decode)); got != c.want[i] {
					t.Errorf("request %d: %s\nwant       %s", i, got, c.want[i])
				}
			}
		})
	}
}

func text(p breakdown.Parts) string {
	var s []string
	for i, v := range p {
		if v != 0 {
			s = append(s, fmt.Sprint(breakdown.Part(i), " ", v))
		}
	}
	return strings.Join(s, " ")
}

// single2 is vLLM with one request in each of two batches.
func single2(rep *vidur.Replica) (vidur.Scheduler, error) {
	return sched.VLLM{Common: sched.Common{MaxBatch: 2, Watermark: -1}}.New(rep)
}

func onlyOne(*vidur.Cluster, *rand.Rand) (vidur.Router, error) {
	return vidur.RouterFunc(func(_ *vidur.Request, c *vidur.Cluster) int {
		if c.Replicas[0].Outstanding() > 0 {
			return vidur.Hold
		}
		return 0
	}), nil
}

// byHand admits at most two requests, and four tokens, and says nothing of it.
func byHand(rep *vidur.Replica, b *vidur.Batch) {
	for rep.Running.Len() > 0 {
		r := rep.Running.Pop()
		rep.KV.Extend(r)
		b.Add(r, max(1, r.Left()))
	}
	for q := &rep.Waiting; q.Len() > 0 && b.Len() < 2 && b.NumTokens+q.At(0).Prompt <= 4 && rep.KV.Alloc(q.At(0), q.At(0).Prompt+8); {
		r := q.Pop()
		b.Add(r, r.Prompt)
	}
}

// TestLimits: what a Recorder is told of a scheduler that tells nothing.
func TestLimits(t *testing.T) {
	shape := vidurtest.Shape{PP: 1, Blocks: 100, BlockSize: 1, MaxTokens: 20}
	three := []vidur.Arrival{{Prefill: 1, Decode: 2}, {Prefill: 1, Decode: 2}, {Prefill: 1, Decode: 1}}
	long := []vidur.Arrival{{Prefill: 3, Decode: 2}, {Prefill: 4, Decode: 1}}
	for _, c := range []struct {
		limits   vidur.Limits
		arrivals []vidur.Arrival
		blocks   int
		want     breakdown.Part
	}{
		{vidur.Limits{}, three, 100, breakdown.Policy},
		{vidur.Limits{Requests: 2}, three, 100, breakdown.Slots},
		{vidur.Limits{Holders: 2}, three, 100, breakdown.Slots},
		{vidur.Limits{}, long, 100, breakdown.Policy},
		{vidur.Limits{Tokens: 4}, long, 100, breakdown.Policy},
		{vidur.Limits{Tokens: 4, Whole: true}, long, 100, breakdown.Tokens},
		{vidur.Limits{}, long, 14, breakdown.Memory},
		{vidur.Limits{Reserve: 90}, long, 100, breakdown.Memory},
	} {
		shape.Blocks = c.blocks
		k := vidurtest.Case{Replicas: []vidurtest.Shape{shape}, Base: 1, Arrivals: c.arrivals}
		rec := breakdown.Recorder{Limits: c.limits}
		record(t, k.Config(func(*vidur.Replica) (vidur.Scheduler, error) { return vidur.SchedulerFunc(byHand), nil }, nil), &rec)
		rs := rec.Requests()
		if last := rs[len(rs)-1]; last.TTFT[c.want] == 0 || last.TTFT.Sum() != last.TTFT[c.want]+last.TTFT[breakdown.Compute] {
			t.Errorf("%+v: %v, want %s", c.limits, text(last.TTFT), c.want)
		}
	}
}

// TestErrors: a predictor that does not know other batches, and a second run.
func TestErrors(t *testing.T) {
	k := vidurtest.Case{Replicas: []vidurtest.Shape{{PP: 1, Blocks: 100, BlockSize: 1, MaxTokens: 20}}, Base: 1, PerToken: 1,
		Arrivals: []vidur.Arrival{{Prefill: 2, Decode: 1}, {Prefill: 2, Decode: 1}}}
	cfg := k.Config(chunks(64), nil)
	var rec breakdown.Recorder
	record(t, cfg, &rec)
	if rec.Err() != nil {
		t.Error(rec.Err())
	}
	record(t, cfg, &rec)
	if rec.Err() == nil {
		t.Error("a second run is no error")
	}
	bad := errors.New("an unknown batch")
	cfg.Replicas[0].Predictor = vidur.PredictorFunc(func(b *vidur.Batch, _ int) (vidur.StageTime, error) {
		if b.Len() == 1 {
			return vidur.StageTime{}, bad
		}
		return vidur.Seconds(1), nil
	})
	rec = breakdown.Recorder{}
	record(t, cfg, &rec)
	if !errors.Is(rec.Err(), bad) || rec.Requests()[0].TTFT[breakdown.Interference] != 0 {
		t.Errorf("error %v, parts %v", rec.Err(), text(rec.Requests()[0].TTFT))
	}
}

// TestCut: a run that is cut has its complete requests, and a stray event harms nothing.
func TestCut(t *testing.T) {
	k := vidurtest.Case{Replicas: []vidurtest.Shape{{PP: 1, Blocks: 100, BlockSize: 1, MaxTokens: 20}}, Base: 1,
		Arrivals: []vidur.Arrival{{Prefill: 2, Decode: 1}, {At: 0.5, Prefill: 2, Decode: 9}}}
	cfg := k.Config(chunks(64), nil)
	cfg.Until = 3
	if rs := run(t, cfg); len(rs) != 1 || rs[0].E2E() != 1 {
		t.Errorf("%d requests", len(rs))
	}
	var rec breakdown.Recorder
	rec.Record(&vidur.Event{Kind: vidur.StageArrived, Replica: &vidur.Replica{}, Batch: &vidur.Batch{}})
	if rec.Err() == nil || rec.Requests() != nil {
		t.Error("a stray event is no error")
	}
}

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for p := range breakdown.NumParts {
		name := breakdown.Part(p).String()
		if name == "" || seen[name] {
			t.Errorf("part %d is called %q", p, name)
		}
		seen[name] = true
	}
	if got := breakdown.Part(200).String(); got != "Part(200)" {
		t.Error(got)
	}
	if !breakdown.Bubble.Waits() || breakdown.CPU.Waits() {
		t.Error("a bubble is a wait, overhead is work")
	}
}
