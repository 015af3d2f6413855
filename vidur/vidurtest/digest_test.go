package vidurtest_test

import (
	"context"
	"sync"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/route"
	"github.com/govidur/govidur/vidur/vidurtest"
)

// TestSameConfigSameEvents runs every policy alone and eight at once, from one
// Config, with the router that draws random numbers.
func TestSameConfigSameEvents(t *testing.T) {
	c := vidurtest.Case{Base: 0.01, PerToken: 0.0003}
	for i := range 60 {
		c.Arrivals = append(c.Arrivals, vidur.Arrival{At: float64(i/4) * 0.02, Prefill: 1 + i*7%60, Decode: 1 + i*5%23})
	}
	for _, p := range policies() {
		c.Replicas = []vidurtest.Shape{{PP: 1, Blocks: 120, BlockSize: 1, MaxTokens: 100}, {PP: 1, Blocks: 200, BlockSize: 1, MaxTokens: 100}}
		if p.name != "lightllm" && p.name != "lightllm eager" {
			c.Replicas[1].PP = 3
		}
		cfg := c.Config(p.new, route.NewRandom)
		cfg.Seed = 5
		digest := func() (sum uint64, events int) {
			var d vidurtest.Digest
			s, err := vidur.New(cfg, &d)
			if err == nil {
				err = s.Run(context.Background())
			}
			if err != nil {
				t.Error(err)
			}
			return d.Sum(), d.Events()
		}
		alone, events := digest()
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if sum, n := digest(); sum != alone || n != events {
					t.Errorf("%s: digest %016x of %d events, alone %016x of %d", p.name, sum, n, alone, events)
				}
			})
		}
		wg.Wait()
		cfg.Seed++
		if sum, _ := digest(); sum == alone {
			t.Errorf("%s: another seed gives the same events", p.name)
		}
	}
}

// TestDigestSeesEveryField changes one field of an event at a time.
func TestDigestSeesEveryField(t *testing.T) {
	event := func() *vidur.Event {
		r := &vidur.Request{ID: 1}
		b := &vidur.Batch{ID: 2, Slots: []vidur.Slot{{Request: &vidur.Request{}, Tokens: 1}}}
		return &vidur.Event{At: 1, Kind: vidur.Scheduled, Replica: &vidur.Replica{}, Request: r, Batch: b, Requests: []*vidur.Request{{}}, Batches: []*vidur.Batch{{}}}
	}
	sum := func(e *vidur.Event) uint64 {
		var d vidurtest.Digest
		d.Record(e)
		return d.Sum()
	}
	seen := map[uint64]int{sum(event()): -1}
	for i, change := range []func(e *vidur.Event){
		func(e *vidur.Event) { e.At += 1e-15 },
		func(e *vidur.Event) { e.Kind++ },
		func(e *vidur.Event) { e.Stage++ },
		func(e *vidur.Event) { e.Replica.ID++ },
		func(e *vidur.Event) { e.Replica.Waiting.Push(e.Request) },
		func(e *vidur.Event) { e.Replica.Running.Push(e.Request) },
		func(e *vidur.Event) { e.Request.ID++ },
		func(e *vidur.Event) { e.Request.Done++ },
		func(e *vidur.Event) { e.Request.Restarts++ },
		func(e *vidur.Event) { e.Request.IterEnd++ },
		func(e *vidur.Event) { e.Requests[0].At++ },
		func(e *vidur.Event) { e.Requests = nil },
		func(e *vidur.Event) { e.Batch.ID++ },
		func(e *vidur.Event) { e.Batch.NumDecodes++ },
		func(e *vidur.Event) { e.Batch.Time.Ops[3]++ },
		func(e *vidur.Event) { e.Batch.Time.Layers++ },
		func(e *vidur.Event) { e.Batch.ExecTime++ },
		func(e *vidur.Event) { e.Batch.Slots[0].Tokens++ },
		func(e *vidur.Event) { e.Batch.Slots[0].Cached++ },
		func(e *vidur.Event) { e.Batch.Slots[0].Request.CompletedAt++ },
		func(e *vidur.Event) { e.Batches[0].ScheduledAt++ },
		func(e *vidur.Event) { e.Batches = nil },
	} {
		e := event()
		change(e)
		if j, ok := seen[sum(e)]; ok {
			t.Errorf("changes %d and %d have one digest", i, j)
		}
		seen[sum(e)] = i
	}
}
