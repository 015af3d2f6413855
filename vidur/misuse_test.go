package vidur_test

import (
	"errors"
	"testing"

	"github.com/govidur/govidur/vidur"
)

// A scheduler that loses a request ends the run with an error.
func TestLostRequestIsSilent(t *testing.T) {
	lose := func(rep *vidur.Replica, b *vidur.Batch) { rep.Waiting.Pop() }
	if err := run(withScheduler(lose, at(0))); err == nil {
		t.Error("one request arrived, none completed, and Run returns nil")
	}
	forget := config(1, at(0))
	forget.NewScheduler = func(*vidur.Replica) (vidur.Scheduler, error) { return forgetful{}, nil }
	if err := run(forget); err == nil {
		t.Error("Done did not give a request back, and Run returns nil")
	}
}

type forgetful struct{}

func (forgetful) Next(rep *vidur.Replica, b *vidur.Batch) {
	if r := rep.Waiting.Pop(); r != nil {
		b.Add(r, r.Prompt)
	}
}
func (forgetful) Done(*vidur.Replica, *vidur.Batch) {}

// Replica.Decode leaves completed requests, as Batch.Add does.
type keeper struct{}

func (keeper) Next(rep *vidur.Replica, b *vidur.Batch) {
	if r := rep.Waiting.Pop(); r != nil {
		rep.KV.Alloc(r, 10)
		b.Add(r, r.Prompt)
	} else if rep.Now < 10 {
		rep.Decode(b, 8)
	}
}
func (keeper) Done(rep *vidur.Replica, b *vidur.Batch) {
	for i := range b.Slots {
		rep.Running.Push(b.Slots[i].Request)
	}
}

func TestDecodeTakesCompletedRequests(t *testing.T) {
	cfg := config(1, vidur.Arrival{Prefill: 4, Decode: 2})
	cfg.NewScheduler = func(*vidur.Replica) (vidur.Scheduler, error) { return keeper{}, nil }
	n := 0
	err := run(cfg, vidur.RecorderFunc(func(e *vidur.Event) {
		if e.Kind == vidur.BatchEnded && e.Batch.Slots[0].Request.Completed() {
			n++
		}
	}))
	if n > 1 {
		t.Errorf("the request completes %d times: %v", n, err)
	}
}

// FitError.Need knows every TP: with 40 heads 5 is one, and needed where PP cannot cut the layers.
func TestNeedIsNotLeast(t *testing.T) {
	for _, heads := range []int{40, 24, 6} {
		for _, gb := range []float64{1, 2, 4, 6, 8, 10} {
			s := vidur.ReplicaSpec{
				Model:  vidur.Model{Name: "prime layers", Layers: 31, Hidden: 128 * heads, QHeads: heads, KVHeads: heads, FFN: 13824, Vocab: 103168, Gated: true},
				Device: vidur.Device{Name: "d", MemoryGB: gb},
			}
			_, err := s.Plan()
			var fit *vidur.FitError
			if errors.As(err, &fit) && fit.Need != least(s) {
				t.Errorf("%d heads, %g GB: Need is %d, and %d devices are enough", heads, gb, fit.Need, least(s))
			}
		}
	}
}

// A block that is longer than a request leaves no block, which must be an error: Blocks 0 means Plan.
func TestPlanByRequestOfNoBlocks(t *testing.T) {
	_, blocks, err := vidur.ReplicaSpec{Model: llama70b, Device: a100, TP: 2, BlockSize: 8192}.PlanByRequest()
	if err == nil && blocks == 0 {
		t.Error("no KV block and no error")
	}
}

// A prefill slot whose Advance passes the end of the prompt would never emit a first token.
func TestAdvancePastThePrompt(t *testing.T) {
	cfg := withScheduler(func(rep *vidur.Replica, b *vidur.Batch) {
		if r := rep.Waiting.Pop(); r != nil {
			b.Add(r, 4)
			b.Slots[0].Advance = 6
		}
	}, vidur.Arrival{Prefill: 4, Decode: 2})
	err := run(cfg, vidur.RecorderFunc(func(e *vidur.Event) {
		if e.Kind == vidur.BatchEnded {
			if r := e.Batch.Slots[0].Request; r.Completed() && !r.FirstToken() {
				t.Error("complete without a first token")
			}
		}
	}))
	if err == nil {
		t.Error("no error")
	}
}

// An arrival is recorded before the error of the one after it ends the run.
func TestErrorHidesTheEventBeforeIt(t *testing.T) {
	seen := 0
	_ = run(withWorkload(&list{left: []vidur.Arrival{at(0), at(1)}, err: errors.New("line 3")}), vidur.RecorderFunc(func(e *vidur.Event) {
		if e.Kind == vidur.Arrived {
			seen++
		}
	}))
	if seen != 2 {
		t.Errorf("two requests arrive before the error, and %d arrivals are recorded", seen)
	}
}

// Kind.String knows numbers that are no kind.
func TestKindString(t *testing.T) {
	defer func() {
		if p := recover(); p != nil {
			t.Error(p)
		}
	}()
	_ = vidur.Kind(7).String()
}

// A model without key-value heads is an error of its own, not one that does not fit.
func TestNoKVHeads(t *testing.T) {
	m := llama70b
	m.KVHeads = 0
	_, err := vidur.ReplicaSpec{Model: m, Device: a100, TP: 8}.Plan()
	var fit *vidur.FitError
	if err == nil || errors.As(err, &fit) {
		t.Errorf("got %v", err)
	}
}
