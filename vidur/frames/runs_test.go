package frames

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/govidur/govidur/vidur/metrics"
)

// The rows of batches add up to what the Summary says of them.
func TestBatches(t *testing.T) {
	st := measure(t, 60, false, metrics.Options{KeepBatches: true, Operations: true})
	df, sum := Batches(st), st.Summary()
	if df.Err != nil || df.Nrow() != sum.Batches || !slices.Equal(df.Names(), st.BatchColumnNames()) {
		t.Fatal(df.Err, df.Names(), df.Nrow())
	}
	for _, name := range []string{"batch_num_tokens", "batch_size", "batch_execution_time"} {
		stat, _ := sum.Metric(name)
		for a, want := range map[float64]Agg{stat.Min: Min(name), stat.Max: Max(name), stat.Mean: Mean(name)} {
			if got, err := Value(df, want); err != nil || math.Abs(got-a) > 1e-9*a {
				t.Errorf("%s: %v, not %v", want.name(), got, a)
			}
		}
	}
	most, err := GroupBy(df, []string{"replica_id"}, Max("kv_blocks_held"))
	if err != nil || most.Nrow() != 2 {
		t.Fatal(err)
	}
	for row := range 2 {
		if held, limit := most.Col("kv_blocks_held_max").Elem(row).Float(), sum.Replicas[row].Memory.Max*2; held <= 0 || held > limit+1e-9 {
			t.Errorf("%v blocks held, of at most %v", held, limit)
		}
	}
	if types := TypesOf(df); types["batch_id"] != series.Int || types["kv_blocks_held"] != series.Int || types["ended_at"] != series.Float {
		t.Error(types)
	}
	mustEqual(t, Batches(st, "ended_at", "batch_size"), df.Select([]string{"ended_at", "batch_size"}))
}

// The tokens are those that were emitted, but for the one at the end of every
// prefill, of which there is another after a restart.
func TestTokens(t *testing.T) {
	st := measure(t, 60, false, metrics.Options{TokenSeries: true})
	df, sum := Tokens(st), st.Summary()
	prefill, err := Value(df, Sum("prefill_tokens"))
	if err != nil || prefill != float64(sum.PromptTokens) {
		t.Error(prefill, sum.PromptTokens, err)
	}
	decode, err := Value(df, Sum("decode_tokens"))
	if err != nil || decode != float64(sum.OutputTokens-sum.Completed-sum.Preemptions) {
		t.Error(decode, sum.OutputTokens, err)
	}
	if at := df.Col("time").Float(); !slices.IsSorted(at) || len(slices.Compact(slices.Clone(at))) != len(at) {
		t.Error("times are not ascending")
	}
}

// At every time the queues are what a look at all requests says.
func TestQueue(t *testing.T) {
	for _, cut := range []bool{false, true} {
		st := simulate(t, 60, cut)
		df := Queue(st)
		if df.Err != nil || df.Nrow() == 0 {
			t.Fatal(df.Err)
		}
		for row := range df.Nrow() {
			now := df.Elem(row, 0).Float()
			waiting, running := 0, 0
			for r := range st.Requests {
				switch {
				case r.Arrived > now || r.Completed <= now:
				case r.Scheduled <= now:
					running++
				default:
					waiting++
				}
			}
			if df.Elem(row, 1).Val() != waiting || df.Elem(row, 2).Val() != running {
				t.Fatalf("at %v: %v waiting and %v running, not %d and %d", now, df.Elem(row, 1), df.Elem(row, 2), waiting, running)
			}
		}
	}
}

func TestTotals(t *testing.T) {
	one, two := simulate(t, 30, false).Summary(), simulate(t, 20, true).Summary()
	two.Cost, two.CostPerMillion = 2, 3
	df := Totals(one, two, metrics.New(metrics.Options{}).Summary())
	if df.Err != nil || df.Nrow() != 3 {
		t.Fatal(df.Err)
	}
	ttft, _ := one.Metric("prefill_e2e_time")
	size, _ := two.Metric("batch_size")
	for _, c := range []struct {
		name string
		row  int
		want float64
	}{
		{"arrived_requests", 0, 30}, {"completed_requests", 1, float64(two.Completed)}, {"output_tokens_per_s", 0, one.OutputTokenRate},
		{"cost_usd", 0, math.NaN()}, {"cost_usd", 1, 2}, {"cost_usd_per_million_output_tokens", 1, 3}, {"prefill_e2e_time_p99", 0, ttft.P99},
		{"batch_size_mean", 1, size.Mean}, {"prefill_e2e_time_mean", 2, math.NaN()}, {"memory_mean_percent", 2, math.NaN()},
		{"memory_mean_percent", 0, (one.Replicas[0].Memory.Mean + one.Replicas[1].Memory.Mean) / 2}, {"goodput_fraction", 0, one.Goodput.Fraction},
	} {
		if got := df.Col(c.name).Elem(c.row).Float(); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%s of %d: %v, not %v", c.name, c.row, got, c.want)
		}
	}
	if types := TypesOf(df); types["gpus"] != series.Int || types["gpu_hours"] != series.Float {
		t.Error(types)
	}
}

func TestRunErrors(t *testing.T) {
	none, kept := metrics.New(metrics.Options{SketchesOnly: true}), metrics.New(metrics.Options{KeepBatches: true})
	for want, df := range map[string]dataframe.DataFrame{
		"of batches only with Options.KeepBatches":       Batches(none),
		"when tokens came only with Options.TokenSeries": Tokens(none),
		"with Options.SketchesOnly":                      Queue(none),
		`no column "batch_sise"; there is batch_size`:    Batches(kept, "batch_sise"),
		"frames: no Store":                               Batches(nil),
		"empty DataFrame":                                Totals(),
	} {
		if df.Err == nil || !strings.Contains(df.Err.Error(), want) {
			t.Errorf("%v, not %q", df.Err, want)
		}
	}
	if Tokens(nil).Err == nil || Queue(nil).Err == nil {
		t.Error("no error without a Store")
	}
	if df := Batches(kept); df.Err != nil || df.Nrow() != 0 {
		t.Error(df.Err)
	}
}
