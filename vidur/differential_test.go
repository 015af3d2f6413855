package vidur_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/vidurtest"
)

// pair is one policy, of the engine and of its naive twin.
type pair struct {
	name string
	new  vidurtest.NewScheduler
	twin func(t *twin, p *twinReplica) *twinBatch
}

// pairs draws settings for every policy that has a twin.
func pairs(rng *rand.Rand, maxTokens int) []pair {
	batch := []int{4, 5, 6, 8, 16}[rng.IntN(5)] // at least the most stages
	mark := []float64{0.01, 0.1}[rng.IntN(2)]
	chunk := []int{1, 2, 5, 16, 64, 512}[rng.IntN(6)]
	c := sched.Common{MaxBatch: batch, Watermark: mark}
	v := twinVLLM{batch, 4096, mark}
	return []pair{
		{name: "vllm", new: sched.VLLM{Common: c}.New, twin: v.next},
		{name: "sarathi", new: sched.Sarathi{Common: c, Chunk: chunk}.New, twin: twinSarathi{v, chunk, true}.next},
		{name: "sarathi as the original", new: sched.Sarathi{Common: c, Chunk: chunk, RestartAtDone: true}.New, twin: twinSarathi{v, chunk, false}.next},
		{name: "orca", new: sched.Orca{Reserve: sched.Reserve{MaxBatch: batch}}.New, twin: twinOrca{batch, maxTokens}.next},
	}
}

// twinOf makes the twin of a case.
func twinOf(c vidurtest.Case, next func(t *twin, p *twinReplica) *twinBatch) (*twin, []*twinRequest) {
	t := &twin{base: c.Base, perToken: c.PerToken, next: next}
	for i, s := range c.Replicas {
		p := &twinReplica{id: i, pp: s.PP, blocks: s.Blocks, blockSize: s.BlockSize, allocated: map[int]int{}}
		for range s.PP {
			p.stages = append(p.stages, &twinStage{})
		}
		t.replicas = append(t.replicas, p)
	}
	var rs []*twinRequest
	for i, a := range c.Arrivals {
		rs = append(rs, &twinRequest{id: i, at: a.At, prefill: a.Prefill, decode: a.Decode})
	}
	return t, rs
}

// eventLog is a recorder that writes what the twin writes.
type eventLog struct{ lines []string }

func (l *eventLog) Record(e *vidur.Event) {
	var b strings.Builder
	fmt.Fprintf(&b, "%v %s", e.At, e.Kind)
	switch e.Kind {
	case vidur.Arrived:
		fmt.Fprintf(&b, " r%d", e.Request.ID)
	case vidur.Routed:
		for _, r := range e.Requests {
			fmt.Fprintf(&b, " r%d@%d", r.ID, r.Replica)
		}
	case vidur.Scheduled:
		fmt.Fprintf(&b, " @%d", e.Replica.ID)
		for _, x := range e.Batches {
			fmt.Fprintf(&b, " b%d", x.ID)
			for _, s := range x.Slots {
				fmt.Fprintf(&b, " r%d:%d+%d", s.Request.ID, s.Cached, s.Tokens)
			}
		}
		fmt.Fprintf(&b, " free %d", e.Replica.KV.Free())
	case vidur.BatchEnded:
		fmt.Fprintf(&b, " @%d b%d", e.Replica.ID, e.Batch.ID)
		l.progress(&b, e.Batch)
	default:
		fmt.Fprintf(&b, " @%d.%d", e.Replica.ID, e.Stage)
		if e.Batch != nil {
			fmt.Fprintf(&b, " b%d", e.Batch.ID)
		}
	}
	l.lines = append(l.lines, b.String())
}

func (l *eventLog) progress(b *strings.Builder, batch *vidur.Batch) {
	for i := range batch.Slots {
		fmt.Fprintf(b, " r%d:%d", batch.Slots[i].Request.ID, batch.Slots[i].Request.Done)
	}
	for i := range batch.Slots {
		if r := batch.Slots[i].Request; r.Completed() {
			fmt.Fprintf(b, " r%d done %v %v %v %d", r.ID, r.ScheduledAt, r.PrefilledAt, r.CompletedAt, r.Restarts)
		}
	}
}

// agree runs a case in the engine and in the twin and compares all events.
func agree(c vidurtest.Case, p pair) error {
	log := &eventLog{}
	err := run(c.Config(p.new, nil), log)
	var stuck *vidur.StuckError
	if err != nil && !errors.As(err, &stuck) {
		return err
	}
	tw, rs := twinOf(c, p.twin)
	tw.run(rs, len(log.lines)+1)
	for i := range max(len(log.lines), len(tw.log)) {
		a, b := "(end)", "(end)"
		if i < len(log.lines) {
			a = log.lines[i]
		}
		if i < len(tw.log) {
			b = tw.log[i]
		}
		if a != b {
			return fmt.Errorf("event %d:\n\tengine %s\n\ttwin   %s\n\tin %v", i, a, b, c)
		}
	}
	return nil
}

// compare draws a case and settings and compares every policy.
func compare(t *testing.T, rng *rand.Rand) {
	t.Helper()
	c := vidurtest.Random(rng)
	if c.Clients > 0 { // the twin has no closed loop
		c.Clients = 0
		slices.SortStableFunc(c.Arrivals, func(a, b vidur.Arrival) int {
			switch {
			case a.At < b.At:
				return -1
			case a.At > b.At:
				return 1
			}
			return 0
		})
	}
	for i := range c.Replicas { // the twin's policies have one setting for all replicas
		c.Replicas[i].MaxTokens = c.Replicas[0].MaxTokens
	}
	for _, p := range pairs(rng, c.Replicas[0].MaxTokens) {
		if p.name == "orca" && !reserves(c) {
			continue
		}
		if err := agree(c, p); err != nil {
			t.Errorf("%s: %v", p.name, err)
		}
	}
}

// reserves reports whether every replica has room for a reservation.
func reserves(c vidurtest.Case) bool {
	for _, s := range c.Replicas {
		if s.MaxTokens/s.BlockSize < 1 {
			return false
		}
	}
	return true
}

func TestEngineAgainstTwin(t *testing.T) {
	for seed := range uint64(80) {
		compare(t, rand.New(rand.NewPCG(seed, 7)))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzEngineAgainstTwin(f *testing.F) {
	for seed := range uint64(4) {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, a, b uint64) { compare(t, rand.New(rand.NewPCG(a, b))) })
}
