package frames

import (
	"context"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/breakdown"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/vidurtest"
)

// TestBreakdown: columns sum, exactly, to those that they break down.
func TestBreakdown(t *testing.T) {
	c := vidurtest.Case{Replicas: []vidurtest.Shape{{PP: 2, Blocks: 30, BlockSize: 4, MaxTokens: 100}}, Base: 0.01, PerToken: 0.001}
	for i := range 50 {
		c.Arrivals = append(c.Arrivals, vidur.Arrival{At: 0.03 * float64(i), Prefill: 3 + i%40, Decode: 1 + i%30})
	}
	var rec breakdown.Recorder
	sim, err := vidur.New(c.Config(sched.Sarathi{Chunk: 16}.New, nil), &rec)
	if err == nil {
		err = sim.Run(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
	df := Breakdown(&rec)
	if df.Err != nil || df.Nrow() != 50 || df.Ncol() != 3+3*breakdown.NumParts {
		t.Fatalf("%d rows, %d columns: %v", df.Nrow(), df.Ncol(), df.Err)
	}
	of := func(name string, row int) float64 {
		v, err := Floats(df, name)
		if err != nil {
			t.Fatal(err)
		}
		return v[row]
	}
	for row := range df.Nrow() {
		var all, ttft float64
		for p := range breakdown.NumParts {
			name := breakdown.Part(p).String()
			all += of(name, row)
			ttft += of("ttft_"+name, row)
			if of(name, row) != of("ttft_"+name, row)+of("decode_"+name, row) {
				t.Errorf("row %d: %s is not the sum of its two", row, name)
			}
		}
		if all != of("e2e", row) || ttft != of("ttft", row) || ttft == 0 || int(of("request_id", row)) != row {
			t.Errorf("row %d: parts sum to %v and %v, want %v and %v", row, all, ttft, of("e2e", row), of("ttft", row))
		}
	}
}

func TestBreakdownErrors(t *testing.T) {
	var rec breakdown.Recorder
	if df := Breakdown(&rec); df.Err != nil || df.Nrow() != 0 {
		t.Errorf("of nothing: %d rows, %v", df.Nrow(), df.Err)
	}
	rec.Record(&vidur.Event{Kind: vidur.StageArrived, Replica: &vidur.Replica{}, Batch: &vidur.Batch{}})
	if Breakdown(nil).Err == nil || Breakdown(&rec).Err == nil {
		t.Error("no error")
	}
}
