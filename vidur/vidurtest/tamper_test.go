package vidurtest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/vidurtest"
)

// Laws that no policy can break are broken here by changing the events on their
// way to the laws: what an engine with a mistake would show.
func TestLawsCatchAnEngineThatErrs(t *testing.T) {
	is := func(k vidur.Kind) func(*vidur.Event) bool {
		return func(e *vidur.Event) bool { return e.Kind == k && e.At > 0 }
	}
	drop := func(*vidur.Event) bool { return false }
	for _, c := range []struct {
		name   string
		at     func(e *vidur.Event) bool // the event to change, the first such
		change func(e *vidur.Event) bool // false drops it
		law    vidurtest.Law
	}{
		{"time runs backwards", is(vidur.BatchEnded), func(e *vidur.Event) bool { e.At -= 1e-9; return true }, vidurtest.Clock},
		{"a replica's clock is behind", is(vidur.BatchEnded), func(e *vidur.Event) bool { e.Replica.Now--; return true }, vidurtest.Clock},
		{"a stage ends late", is(vidur.StageEnded), func(e *vidur.Event) bool { e.At += 1e-9; e.Replica.Now = e.At; return true }, vidurtest.Stages},
		{"a batch is not in flight", is(vidur.StageEnded), func(e *vidur.Event) bool { e.Batch = &vidur.Batch{}; return true }, vidurtest.Stages},
		{"a stage is skipped", is(vidur.StageArrived), func(e *vidur.Event) bool { e.Stage++; return true }, vidurtest.Stages},
		{"a stage arrival is missing", is(vidur.StageArrived), drop, vidurtest.Stages},
		{"a stage start is missing", func(e *vidur.Event) bool { return e.Kind == vidur.StageStarted && e.Batch != nil }, drop, vidurtest.Stages},
		{"a stage end is missing", is(vidur.StageEnded), drop, vidurtest.Stages},
		{"a batch end is missing", is(vidur.BatchEnded), drop, vidurtest.Requests},
		{"a batch was never scheduled", is(vidur.Scheduled), drop, vidurtest.Stages},
		{"a request never arrived", is(vidur.Arrived), drop, vidurtest.Requests},
		{"a request was never routed", is(vidur.Routed), drop, vidurtest.Requests},
		{"a request is routed twice", is(vidur.Routed), func(e *vidur.Event) bool {
			e.Requests = append(e.Requests, e.Requests[0])
			return true
		}, vidurtest.Requests},
		{"an arrival is late", is(vidur.Arrived), func(e *vidur.Event) bool { e.Request.At -= 0.01; return true }, vidurtest.Causality},
		{"a time stamp is wrong", is(vidur.BatchEnded), func(e *vidur.Event) bool { e.Batch.Slots[0].Request.IterEnd = 0; return true }, vidurtest.Causality},
		{"a start is late", func(e *vidur.Event) bool {
			return e.Kind == vidur.StageStarted && e.Batch != nil && e.Batch.PrefillTokens > 0
		}, func(e *vidur.Event) bool {
			e.Batch.Slots[0].Request.StartedAt++
			return true
		}, vidurtest.Causality},
		{"a batch ID is used twice", is(vidur.Scheduled), func(e *vidur.Event) bool { e.Batches[0].ID = 0; return true }, vidurtest.Requests},
		{"an event without effect is missing", func(e *vidur.Event) bool { return e.Kind == vidur.StageStarted && e.Batch == nil }, drop, vidurtest.Events},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := tampered(t, c.at, c.change)
			var v *vidurtest.Violation
			if !errors.As(err, &v) || v.Law != c.law {
				t.Errorf("want law %q, got %v", c.law, err)
			}
		})
	}
}

func tampered(t *testing.T, at, change func(*vidur.Event) bool) error {
	t.Helper()
	c := vidurtest.Case{
		Replicas: []vidurtest.Shape{{PP: 2, Blocks: 40, BlockSize: 4, MaxTokens: 16}, {PP: 2, Blocks: 40, BlockSize: 4, MaxTokens: 16}}, Base: 0.25,
		Arrivals: []vidur.Arrival{{At: 0, Prefill: 4, Decode: 2}, {At: 0.125, Prefill: 4, Decode: 2}, {At: 0.25, Prefill: 3, Decode: 5}, {At: 9, Prefill: 3, Decode: 5}},
	}
	laws, done := &vidurtest.Laws{}, false
	s, err := vidur.New(c.Config(sched.VLLM{}.New, nil), vidur.RecorderFunc(func(e *vidur.Event) {
		if !done && at(e) {
			done = true
			f := *e
			if !change(&f) {
				return
			}
			e = &f
		}
		laws.Record(e)
	}))
	if err != nil {
		t.Fatal(err)
	}
	laws.Watch(s.Cluster())
	if err := s.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if !done {
		t.Fatal("there was no such event")
	}
	return laws.End()
}
