package vidur_test

import (
	"math/rand/v2"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/vidurtest"
)

// writtenSarathi and writtenVLLM are the built-in schedulers as a user would write
// them with the helpers.
type writtenSarathi struct{ limits vidur.Limits }

func (s *writtenSarathi) Next(rep *vidur.Replica, b *vidur.Batch) {
	rep.DecodeAll(b, s.limits)
	rep.Prefill(b, s.limits)
	rep.Running.SortByArrival()
	for rep.Admit(b, s.limits) {
	}
}

func (s *writtenSarathi) Done(rep *vidur.Replica, b *vidur.Batch) { rep.Requeue(b) }

type writtenVLLM struct{ limits vidur.Limits }

func (s *writtenVLLM) Next(rep *vidur.Replica, b *vidur.Batch) {
	for longest := 0; rep.Waiting.Len() > 0; {
		longest = max(longest, rep.Waiting.At(0).Prompt)
		if (b.Len()+1)*longest > 4096 || !rep.Admit(b, s.limits) {
			break
		}
	}
	if b.Len() == 0 {
		rep.Running.SortByArrival()
		rep.DecodeAll(b, s.limits)
	}
}

func (s *writtenVLLM) Done(rep *vidur.Replica, b *vidur.Batch) { rep.Requeue(b) }

// TestWrittenPoliciesAreTheBuiltIn compares the digests of both in random cases.
func TestWrittenPoliciesAreTheBuiltIn(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	preempted := 0
	for range 300 {
		k := vidurtest.Random(rng)
		common := sched.Common{MaxBatch: 4 * (1 + rng.IntN(5)), Watermark: 0.1 * float64(rng.IntN(2))}
		if common.Watermark == 0 {
			common.Watermark = -1
		}
		chunk := 1 + rng.IntN(64)
		limits := func(rep *vidur.Replica) vidur.Limits {
			return vidur.Limits{Requests: common.MaxBatch / rep.Spec.PP, Holders: common.MaxBatch, Reserve: int(max(0, common.Watermark) * float64(rep.KV.Blocks))}
		}
		for i := range k.Replicas {
			k.Replicas[i].PP = 1 // beyond it Sarathi's batches can be more than full
		}
		same(t, k, &preempted, sched.Sarathi{Common: common, Chunk: chunk}.New, func(rep *vidur.Replica) (vidur.Scheduler, error) {
			l := limits(rep)
			l.Tokens = chunk
			return &writtenSarathi{l}, nil
		})
		same(t, k, &preempted, sched.VLLM{Common: common, MaxTokens: 4096}.New, func(rep *vidur.Replica) (vidur.Scheduler, error) {
			l := limits(rep)
			l.Whole = true
			return &writtenVLLM{l}, nil
		})
	}
	if preempted < 100 {
		t.Errorf("%d preemptions in all cases", preempted)
	}
}

func same(t *testing.T, k vidurtest.Case, preempted *int, built, written vidurtest.NewScheduler) {
	t.Helper()
	var a, b vidurtest.Digest
	errA := run(k.Config(built, nil), &a, vidur.RecorderFunc(func(e *vidur.Event) {
		for i := 0; e.Kind == vidur.BatchEnded && i < len(e.Batch.Slots); i++ {
			if r := e.Batch.Slots[i].Request; r.Completed() {
				*preempted += r.Restarts
			}
		}
	}))
	errB := run(k.Config(written, nil), &b)
	if a.Sum() != b.Sum() || (errA == nil) != (errB == nil) {
		t.Fatalf("%d events and %v, %d events and %v: %v", a.Events(), errA, b.Events(), errB, k)
	}
}
