package search

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
)

// FuzzResult: what a store or another process says is a result, or an error.
func FuzzResult(f *testing.F) {
	p, err := newPlan(nil)
	if err != nil {
		f.Fatal(err)
	}
	row := Row{Figures: none(len(p.figures)), Probes: []Probe{{1, 2, true, math.NaN()}, {1, 3, false, 7}}}
	row.Figures[0], row.Figures[1] = 0.1, math.Inf(1)
	text, err := p.resultOf(&row, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"error":"it does not fit"}`))
	f.Add([]byte(`{"figures":{"ttft_mean_s":"x"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var row Row
		failed, err := p.takeResult(&row, text)
		if err != nil || failed != nil {
			return
		}
		again, err := p.resultOf(&row, nil)
		if err != nil {
			return // a number of another way of writing
		}
		var back Row
		if failed, err := p.takeResult(&back, again); failed != nil || err != nil || !sameBits(back.Figures, row.Figures) {
			t.Errorf("%s: %v, %v", again, failed, err)
		}
	})
}

func TestShardErrors(t *testing.T) {
	for _, o := range []Option{Shard(0, 3), Shard(4, 3), Shard(1, 0)} {
		if _, err := Sweep(context.Background(), small(), o); err == nil {
			t.Error("no error")
		}
	}
	if r := mustSweep(t, small(), Seeds(1, 2), Shard(3, 5)); r.Len() != 0 || len(r.Names()) < 20 {
		t.Errorf("a part without a point has %d", r.Len())
	}
}

func TestWorkerErrors(t *testing.T) {
	if _, err := NewWorker(Seeds(1)); err == nil {
		t.Error("a worker takes an axis")
	}
	w, err := NewWorker(Cache(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	for text, why := range map[string]string{
		"":                                       "no task",
		"{}x":                                    "no task",
		"{}":                                     "another version",
		`{"engine":"` + engine():                 "no task",
		`{"engine":"` + engine() + `","what":1}`: "no task",
		`{"engine":"` + engine() + `","experiment":{"what":"1"}}`:                  "not known",
		`{"engine":"` + engine() + `","experiment":{"tp":"x"}}`:                    "tp",
		`{"engine":"` + engine() + `","experiment":{"tp":"1"}}`:                    "something else",
		`{"engine":"` + engine() + `","sources":["x"]}`:                            "functions",
		`{"engine":"` + engine() + `","experiment":{},"search":{"criteria":[{}]}}`: "",
	} {
		_, err := w.Do(context.Background(), []byte(text))
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", text, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = Sweep(ctx, small(), Through(func(ctx context.Context, _ string, task []byte) ([]byte, error) { return w.Do(ctx, task) }))
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	r := mustSweep(t, small(), Through(func(context.Context, string, []byte) ([]byte, error) { return []byte("what"), nil }))
	wants(t, r.Err(), "no result")
}
