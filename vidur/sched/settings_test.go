package sched_test

import (
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/sched"
)

type newScheduler = func(rep *vidur.Replica) (vidur.Scheduler, error)

// list is a workload of given requests.
type list struct{ left []vidur.Arrival }

func (w *list) Next(float64) (vidur.Arrival, error) {
	if len(w.left) == 0 {
		return vidur.Arrival{}, io.EOF
	}
	a := w.left[0]
	w.left = w.left[1:]
	return a, nil
}

func (w *list) Done(*vidur.Request) bool { return false }

// run runs one replica whose stages take a second; sizes are of all batches.
func run(t *testing.T, spec vidur.ReplicaSpec, s newScheduler, as ...vidur.Arrival) (sizes []int, err error) {
	t.Helper()
	spec.Predictor = vidur.PredictorFunc(func(*vidur.Batch, int) (vidur.StageTime, error) { return vidur.Seconds(1), nil })
	sim, err := vidur.New(vidur.Config{
		Replicas:     []vidur.ReplicaSpec{spec},
		NewWorkload:  func(*rand.Rand) (vidur.Workload, error) { return &list{as}, nil },
		NewScheduler: s,
	}, vidur.RecorderFunc(func(e *vidur.Event) {
		for _, b := range e.Batches {
			sizes = append(sizes, b.Len())
		}
	}))
	if err != nil {
		return nil, err
	}
	return sizes, sim.Run(t.Context())
}

func TestWrongSettings(t *testing.T) {
	common := func(maxBatch int, watermark float64) sched.Common {
		return sched.Common{MaxBatch: maxBatch, Watermark: watermark}
	}
	for _, c := range []struct {
		name string
		pp   int
		new  newScheduler
		want string
	}{
		{"vllm max batch", 1, sched.VLLM{Common: common(-1, 0)}.New, "max batch -1 must be at least PP, 1"},
		{"vllm less than PP", 4, sched.VLLM{Common: common(3, 0)}.New, "max batch 3 must be at least PP, 4"},
		{"vllm watermark", 1, sched.VLLM{Common: common(0, 1)}.New, "watermark 1 must be less than 1"},
		{"vllm watermark is not a number", 1, sched.VLLM{Common: common(0, math.NaN())}.New, "watermark NaN"},
		{"vllm max tokens", 1, sched.VLLM{MaxTokens: -1}.New, "max tokens -1"},
		{"sarathi chunk", 1, sched.Sarathi{Chunk: -1}.New, "chunk size -1"},
		{"sarathi max batch", 2, sched.Sarathi{Common: common(1, 0)}.New, "max batch 1"},
		{"orca max batch", 1, sched.Orca{Reserve: sched.Reserve{MaxBatch: -1}}.New, "max batch -1"},
		{"orca share", 1, sched.Orca{Reserve: sched.Reserve{Share: -1}}.New, "share -1"},
		{"ft max batch", 1, sched.FasterTransformer{Reserve: sched.Reserve{MaxBatch: -1}}.New, "max batch -1"},
		{"lightllm block size", 1, sched.LightLLM{}.New, "LightLLM needs block size 1 and PP 1, not 4 and 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := run(t, vidur.ReplicaSpec{PP: c.pp, Blocks: 10, BlockSize: 4}, c.new)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "scheduler of replica 0") {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	small := vidur.ReplicaSpec{Blocks: 10, BlockSize: 4, MaxTokens: 3}
	if _, err := run(t, small, sched.Orca{}.New); err == nil || !strings.Contains(err.Error(), "max tokens 3 / block size 4") {
		t.Errorf("a reservation of no block: %v", err)
	}
	light := vidur.ReplicaSpec{Blocks: 10, BlockSize: 1}
	for _, s := range []sched.LightLLM{{MaxTokens: -1}, {MaxWaits: -1}, {Common: common(-1, 0)}} {
		if _, err := run(t, light, s.New); err == nil {
			t.Errorf("%+v is accepted", s)
		}
	}
}

// TestExplain has a request that each scheduler can never take, and looks at
// what the error says about it.
func TestExplain(t *testing.T) {
	spec := vidur.ReplicaSpec{Blocks: 10, BlockSize: 4, MaxTokens: 48}
	light := vidur.ReplicaSpec{Blocks: 10, BlockSize: 1, MaxTokens: 10}
	for _, c := range []struct {
		name string
		spec vidur.ReplicaSpec
		new  newScheduler
		want string
	}{
		{"vllm memory", spec, sched.VLLM{}.New, "it needs 11 KV blocks of 4 tokens, and the replica has 10 of which admission leaves 0 free"},
		{"vllm watermark", spec, sched.VLLM{Common: sched.Common{Watermark: 0.2}}.New, "of which admission leaves 2 free"},
		{"vllm batch tokens", spec, sched.VLLM{MaxTokens: 40}.New, "a batch takes at most 40 tokens"},
		{"sarathi", spec, sched.Sarathi{}.New, "it needs 11 KV blocks"},
		{"orca", spec, sched.Orca{}.New, "it reserves 12 KV blocks, and the replica has 10"},
		{"ft", spec, sched.FasterTransformer{}.New, "it reserves 12 KV blocks, and the replica has 10"},
		{"lightllm memory", light, sched.LightLLM{}.New, "its 42 tokens do not fit into the replica's 10"},
		{"lightllm batch tokens", light, sched.LightLLM{MaxTokens: 40}.New, "a batch takes at most 40 tokens"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := run(t, c.spec, c.new, vidur.Arrival{Prefill: 41, Decode: 1})
			var stuck *vidur.StuckError
			if !errors.As(err, &stuck) || !strings.Contains(stuck.Why, c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestLeakExplains: with the leak of the original the run ends stuck, and says
// that the blocks are not free.
func TestLeakExplains(t *testing.T) {
	spec := vidur.ReplicaSpec{Blocks: 9, BlockSize: 4, MaxTokens: 16}
	as := []vidur.Arrival{{Prefill: 4, Decode: 1}, {Prefill: 4, Decode: 2}, {Prefill: 4, Decode: 1}, {Prefill: 4, Decode: 2}, {Prefill: 4, Decode: 1}, {Prefill: 4, Decode: 1}}
	if _, err := run(t, spec, sched.FasterTransformer{}.New, as...); err != nil {
		t.Error(err)
	}
	sizes, err := run(t, spec, sched.FasterTransformer{Leak: true}.New, as...)
	if err != nil {
		t.Errorf("one leak leaves room for batches of one: %v", err)
	}
	for i, want := range []int{2, 1, 1, 1, 1, 1, 1} {
		if i >= len(sizes) || sizes[i] != want {
			t.Fatalf("batches of %v requests", sizes)
		}
	}
	spec.Blocks = 4*2 + 3
	spec.MaxTokens = 20 // 5 blocks each: both fit, and after a leak of one, one
	two := append(as[:2:2], vidur.Arrival{At: 9, Prefill: 4, Decode: 1})
	if _, err := run(t, spec, sched.FasterTransformer{Leak: true}.New, two...); err != nil {
		t.Error(err)
	}
}

// TestBatchLimits counts the requests of the largest batch.
func TestBatchLimits(t *testing.T) {
	var as []vidur.Arrival
	for range 30 {
		as = append(as, vidur.Arrival{Prefill: 4, Decode: 3})
	}
	spec := vidur.ReplicaSpec{Blocks: 400, BlockSize: 4, MaxTokens: 40}
	two := spec
	two.PP = 2
	common := sched.Common{MaxBatch: 8}
	for _, c := range []struct {
		name string
		spec vidur.ReplicaSpec
		new  newScheduler
		want int
	}{
		{"vllm", spec, sched.VLLM{Common: common}.New, 8},
		{"vllm two stages", two, sched.VLLM{Common: common}.New, 4},
		{"vllm tokens", spec, sched.VLLM{MaxTokens: 50}.New, 30}, // 12 prompts at a time, but decodes of all
		{"sarathi", spec, sched.Sarathi{Common: common}.New, 8},
		{"sarathi chunk", spec, sched.Sarathi{Chunk: 16}.New, 10}, // 4 prompts; 4 decodes and 3 prompts; 7 decodes, 2 prompts and a token of a third
		{"orca", spec, sched.Orca{Reserve: sched.Reserve{MaxBatch: 8}}.New, 8},
		{"orca memory", spec, sched.Orca{}.New, 30},
		{"orca two stages share", two, sched.Orca{}.New, 20},
		{"ft", spec, sched.FasterTransformer{Reserve: sched.Reserve{Share: 7}}.New, 7},
	} {
		sizes, err := run(t, c.spec, c.new, as...)
		most := 0
		for _, n := range sizes {
			most = max(most, n)
		}
		if err != nil || most != c.want {
			t.Errorf("%s: the largest batch has %d requests, want %d: %v (%v)", c.name, most, c.want, err, sizes)
		}
	}
}
