package metrics_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/metrics"
)

// The columns of batches say what the distributions over batches do, and the
// tokens are those that were emitted.
func TestBatchColumns(t *testing.T) {
	cfg := twoRequests()
	st := metrics.New(metrics.Options{Replicas: cfg.Replicas, KeepBatches: true, Operations: true, TokenSeries: true})
	run(t, cfg, st)
	for name, want := range map[string][]float64{
		"batch_id": {0, 1, 2, 3}, "replica_id": {0, 0, 0, 0}, "scheduled_at": {0.5, 1.5, 2.5, 3.5}, "ended_at": {1.5, 2.5, 3.5, 4.5},
		"batch_num_tokens": {10, 20, 1, 1}, "batch_num_prefill_tokens": {10, 20, 0, 0}, "batch_size": {1, 1, 1, 1}, "batch_execution_time": {1, 1, 1, 1},
		"kv_blocks_held": {1, 1, 1, 0}, "attn_prefill": {math.NaN(), math.NaN(), math.NaN(), math.NaN()},
	} {
		c, err := st.BatchColumn(name)
		if err != nil || c.Name != name || len(c.Values) != len(want) {
			t.Fatalf("%s: %+v, %v", name, c, err)
		}
		for i, v := range want {
			if !near(c.Values[i], v) && !(math.IsNaN(v) && math.IsNaN(c.Values[i])) {
				t.Errorf("%s of %d: %v, want %v", name, i, c.Values[i], v)
			}
		}
	}
	for _, name := range st.BatchColumnNames() {
		c, err := st.BatchColumn(name)
		if err != nil {
			t.Fatal(err)
		}
		if stat, ok := st.Stat(name); ok && stat.Unit != c.Unit {
			t.Errorf("%s in %q and %q", name, c.Unit, stat.Unit)
		}
	}
	at, prefill, decode := st.Tokens()
	if !slices.Equal(at, []float64{1.5, 2.5, 3.5, 4.5}) || !slices.Equal(prefill, []int{10, 20, 0, 0}) || !slices.Equal(decode, []int{0, 0, 1, 1}) {
		t.Errorf("tokens at %v: %d of prompts, %d decoded", at, prefill, decode)
	}
}

func TestBatchColumnErrors(t *testing.T) {
	st := metrics.New(metrics.Options{})
	run(t, twoRequests(), st)
	if _, err := st.BatchColumn("batch_id"); err == nil || !strings.Contains(err.Error(), "KeepBatches") || st.BatchColumnNames() != nil {
		t.Error(err, st.BatchColumnNames())
	}
	st = metrics.New(metrics.Options{KeepBatches: true})
	run(t, twoRequests(), st)
	if _, err := st.BatchColumn("attn_prefill"); err == nil || !strings.Contains(err.Error(), `no column "attn_prefill"`) {
		t.Error(err)
	}
	if at, _, _ := st.Tokens(); at != nil {
		t.Error("tokens without TokenSeries")
	}
}
