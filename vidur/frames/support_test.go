package frames

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/route"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/workload"
)

// simulate measures n requests on two replicas of two stages; cut ends the run
// early, so that some are not complete.
func simulate(t *testing.T, n int, cut bool) *metrics.Store {
	t.Helper()
	return measure(t, n, cut, metrics.Options{})
}

// measure is simulate with some of what a Store can keep.
func measure(t *testing.T, n int, cut bool, opt metrics.Options) *metrics.Store {
	t.Helper()
	cfg := vidur.Config{
		Replicas: vidur.Uniform(2, vidur.ReplicaSpec{PP: 2, Blocks: 200, Predictor: vidur.PredictorFunc(
			func(b *vidur.Batch, _ int) (vidur.StageTime, error) {
				return vidur.Seconds(0.005 + 0.00003*float64(b.NumTokens)), nil
			})}),
		NewWorkload: workload.Synthetic{
			Intervals: workload.Poisson{QPS: 20}, Lengths: workload.Zipf{Theta: 0.6, Min: 64, Max: 1024, Ratio: 4, Scramble: true}, Requests: n,
		}.New,
		NewScheduler: sched.VLLM{}.New,
		NewRouter:    route.NewRoundRobin,
		Seed:         3,
	}
	if cut {
		cfg.Until = 1
	}
	opt.Replicas = cfg.Replicas
	st := metrics.New(opt)
	sim, err := vidur.New(cfg, st)
	if err == nil {
		err = sim.Run(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// mustEqual compares frames: names, types, missing values, and values to the bit.
func mustEqual(t *testing.T, got, want dataframe.DataFrame) {
	t.Helper()
	if got.Err != nil || want.Err != nil {
		t.Fatalf("errors: %v, %v", got.Err, want.Err)
	}
	if got.Nrow() != want.Nrow() || got.Ncol() != want.Ncol() {
		t.Fatalf("%d×%d, not %d×%d", got.Nrow(), got.Ncol(), want.Nrow(), want.Ncol())
	}
	for c, name := range want.Names() {
		if got.Names()[c] != name || got.Types()[c] != want.Types()[c] {
			t.Fatalf("column %d: %q %v, not %q %v", c, got.Names()[c], got.Types()[c], name, want.Types()[c])
		}
		for r := range want.Nrow() {
			if !same(got.Elem(r, c), want.Elem(r, c)) {
				t.Fatalf("column %q, row %d: %v, not %v", name, r, got.Elem(r, c).Val(), want.Elem(r, c).Val())
			}
		}
	}
}

func same(a, b series.Element) bool {
	if a.IsNA() || b.IsNA() {
		return a.IsNA() == b.IsNA()
	}
	if a.Type() == series.Float {
		return math.Float64bits(a.Float()) == math.Float64bits(b.Float())
	}
	return a.Val() == b.Val()
}

// wild are strings that have been trouble to somebody.
var wild = []string{
	"", " ", "a", "b", "a_b", "b_c", "c", "_", "a,b", `"`, `""`, `a"b`, "a\nb", "\n", "\r\n", "\r", "a\r", ",", ",\n,", "7", "007", "-1",
	"1.5", "1e-7", "1e999", "inf", "-Inf", "infinity", "nan", "NAN", "NA", "null", "true", "FALSE", "t", "0x1p-2", "1_000", "\ufeff", "\ufeffx",
	"é漢", "\x00", "\xff", "a;b", "\t", "#", "=1+1", "9223372036854775808",
}

// missable gives some of n values, each i with f, and leaves others out.
func missable(rng *rand.Rand, n int, f func(i int) any) []any {
	list := make([]any, n)
	for i := range list {
		if rng.IntN(5) > 0 {
			list[i] = f(i)
		}
	}
	return list
}

// randomFrame has columns of all types with missing values and wild names.
func randomFrame(rng *rand.Rand, rows int) dataframe.DataFrame {
	names := rng.Perm(len(wild))
	var columns []series.Series
	for k := range 1 + rng.IntN(6) {
		name := wild[names[k]]
		small := 1 + rng.IntN(6)
		switch rng.IntN(4) {
		case 0:
			columns = append(columns, series.New(missable(rng, rows, func(int) any { return wild[rng.IntN(len(wild))] }), series.String, name))
		case 1:
			columns = append(columns, series.New(missable(rng, rows, func(int) any { return rng.IntN(small) - 1<<rng.IntN(62) }), series.Int, name))
		case 2:
			columns = append(columns, series.New(missable(rng, rows, func(int) any { return randomFloat(rng) }), series.Float, name))
		default:
			columns = append(columns, series.New(missable(rng, rows, func(int) any { return rng.IntN(2) == 0 }), series.Bool, name))
		}
	}
	return frame(columns...)
}

func randomFloat(rng *rand.Rand) float64 {
	odd := []float64{0, math.Copysign(0, -1), 1, -3, 0.1, 1.0 / 3, 1.2e-7, 1e-4, 1e16, 1e15 + 0.5, math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(1), math.Inf(-1)}
	switch rng.IntN(3) {
	case 0:
		return odd[rng.IntN(len(odd))]
	case 1:
		return rng.NormFloat64()
	}
	for {
		if v := math.Float64frombits(rng.Uint64()); !math.IsNaN(v) {
			return v
		}
	}
}
