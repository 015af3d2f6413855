package learn_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/exectime/cart"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/profile"
	"github.com/govidur/govidur/vidur/internal/sharedtest"
)

// A fact is what the original found for an operator.
type fact struct {
	Model      string
	Chosen     map[string]any
	CVError    float64 `json:"cv_best_mape"` // %
	TrainError float64 `json:"train_mape"`   // %
	CV         []struct {
		Params map[string]any
		Mape   float64
	}
}

func facts(t testing.TB, grid string) map[string]fact {
	raw, err := os.ReadFile(sharedtest.Path(t, "oracle", "predictor_facts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	var list []fact
	if err := json.Unmarshal(all[grid], &list); err != nil {
		t.Fatal(err)
	}
	byName := map[string]fact{}
	for _, f := range list {
		byName[f.Model] = f
	}
	return byName
}

func chosen(f fact) learn.Forest {
	return learn.Forest{Trees: integer(f.Chosen["n_estimators"]), MaxDepth: integer(f.Chosen["max_depth"]), MinSplit: integer(f.Chosen["min_samples_split"])}
}

// Given what the original chose from its whole grid, with several jobs, its
// operator times are ours to the bit, and so are its training errors, up to the
// order of their sum.
func TestForestsAreTheOriginals(t *testing.T) {
	if raceEnabled {
		t.Skip("what it would find, others find sooner")
	}
	all, times, skip := facts(t, "random_forrest_default_grid"), originalTimes(t, "tables_fullgrid"), 0
	for _, op := range originalOrder(t) {
		f := all[op.name]
		e := chosen(f)
		e.Seed, e.Original, e.Skip = 42, true, skip
		m := fit(t, e, op.Data)
		skip += e.Trees
		if got := trainError(op.Data, m); !near(got, f.TrainError, 1e-12) {
			t.Errorf("%s: training error %v %%, the original's %v", op.name, got, f.TrainError)
		}
		table := times[op.name]
		different, row := 0, make([]float64, len(table.X))
		for i, want := range table.Y {
			for k := range row {
				row[k] = table.X[k][i]
			}
			if m.Predict(row) != want {
				different++
			}
		}
		t.Logf("%-26s %v: %d of %d times differ", op.name, e, different, len(table.Y))
		if different > 0 || len(table.Y) == 0 {
			t.Errorf("%s: %d of %d times differ", op.name, different, len(table.Y))
		}
	}
}

// originalOrder are the operators of a stage, as the original reads them and in
// the order in which it learns them.
func originalOrder(t testing.TB) []operator {
	c := catalog.Default()
	spec, err := c.Replica("meta-llama/Llama-2-70b-hf", "a100", 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	if spec.Node, err = c.Node("a100_pairwise_nvlink"); err != nil {
		t.Fatal(err)
	}
	set, err := profile.Read(sharedtest.Path(t, "vidur-data"), spec, profile.Options{Lenient: true})
	if err != nil {
		t.Fatal(err)
	}
	var ops []operator
	for _, name := range append(slices.Clone(computeOps), "attn_kv_cache_save", "send_recv", "all_reduce", "attn_prefill", "attn_decode") {
		at := slices.IndexFunc(set.Ops[:], func(s *profile.Samples) bool { return s != nil && s.Op.String() == name })
		if at < 0 {
			t.Fatalf("%s is not in the profile", name)
		}
		s := set.Ops[at]
		ops = append(ops, operator{"a100", "meta-llama/Llama-2-70b-hf", name, learn.Data{Features: s.Features, X: s.X, Y: s.Y}})
	}
	return ops
}

// originalTimes are tables of the original, by operator, as data.
func originalTimes(t testing.TB, dir string) map[string]learn.Data {
	all := map[string]learn.Data{}
	add := func(file string, features ...string) {
		f := readFrame(t, sharedtest.Path(t, "oracle", dir, file+"_ms.csv.gz"))
		for name := range f.column {
			if slices.Contains(features, name) {
				continue
			}
			d := all[name]
			d.Y = append(d.Y, f.numbers(name, same)...)
			d.X = append(d.X, make([][]float64, len(features)-len(d.X))...)
			for k, feature := range features {
				d.X[k] = append(d.X[k], f.numbers(feature, same)...)
			}
			all[name] = d
		}
	}
	add("ops_by_num_tokens", "num_tokens")
	add("all_reduce_over_4096", "num_tokens")
	add("attn_decode", "batch_size", "kv_cache_size")
	add("attn_prefill", "kv_cache_size", "prefill_chunk_size")
	chunks := all["attn_prefill"].X[1]
	for i, c := range chunks {
		chunks[i] = c * c
	}
	return all
}

func integer(v any) int { return int(v.(float64)) }

// The original's choice, grown with our seeds, errs as much as the original's
// on the rows that it learnt from.
func TestForestsErrAsTheOriginals(t *testing.T) {
	all := facts(t, "random_forrest_default_grid")
	for _, op := range llama70b(t) {
		f := all[op.name]
		e := chosen(f)
		e.Seed = 1
		start := time.Now()
		m := fit(t, e, op.Data)
		got := trainError(op.Data, m)
		t.Logf("%-26s %5d rows, %v: train %.3f %%, original %.3f %% (%v)", op.name, len(op.Y), e, got, f.TrainError, time.Since(start).Round(time.Millisecond))
		if math.Abs(got-f.TrainError) > 0.03 {
			t.Errorf("%s: training error %.3f %%, the original's %.3f %%", op.name, got, f.TrainError)
		}
	}
}

func trainError(d learn.Data, m learn.Model) float64 {
	predicted, x := make([]float64, len(d.Y)), make([]float64, len(d.X))
	for r := range predicted {
		for k := range x {
			x[k] = d.X[k][r]
		}
		predicted[r] = m.Predict(x)
	}
	return learn.Error(predicted, d.Y)
}

// Over the original's folds every forest of its grid errs as the original's
// does. Single ones of the original, which has no seed, vary: attn_post_proj at
// depth 32 and split 2 gives 14.1 or 15.2 %.
func TestGridErrsAsTheOriginals(t *testing.T) {
	all := facts(t, "random_forrest_default_grid")
	for _, op := range llama70b(t)[:4] {
		s, err := learn.Select(context.Background(), op.Data, learn.VidurForestGrid(1), learn.Folds{K: 10})
		if err != nil {
			t.Fatal(err)
		}
		f := all[op.name]
		ours, theirs := 0.0, 0.0
		for i, c := range f.CV {
			ours, theirs = ours+s.Scores[i], theirs+c.Mape
			if math.Abs(s.Scores[i]-c.Mape) > 0.1*c.Mape {
				t.Errorf("%s, candidate %d, %v: %.3f %%, the original's %.3f %%", op.name, i, c.Params, s.Scores[i], c.Mape)
			}
		}
		if !near(ours, theirs, 0.02) {
			t.Errorf("%s: the candidates err by %.3f %%, the original's by %.3f %%", op.name, ours/27, theirs/27)
		}
		t.Logf("%-16s %v: folds %.3f %%, train %.3f %%; original: %v, %.3f %%, %.3f %%", op.name, s.Best, s.CVError, s.TrainError, f.Chosen, f.CVError, f.TrainError)
	}
}

// Least squares have one solution, so the fold errors are the original's, as
// long as its rounding leaves it one: up to degree 3 of one feature.
func TestPolynomialsAreTheOriginals(t *testing.T) {
	all := facts(t, "linear_regression_default_grid")
	for _, op := range llama70b(t) {
		if len(op.X) > 1 {
			continue
		}
		s, err := learn.Select(context.Background(), op.Data, learn.VidurLinearGrid(), learn.Folds{K: 10})
		if err != nil {
			t.Fatal(err)
		}
		f := all[op.name]
		for i, c := range f.CV {
			degree := integer(c.Params["polynomialfeatures__degree"])
			if only := c.Params["polynomialfeatures__interaction_only"].(bool); (degree <= 3 || only) && !near(s.Scores[i], c.Mape, 1e-5) {
				t.Errorf("%s, candidate %d, %v: %.7f %%, the original's %.7f %%", op.name, i, c.Params, s.Scores[i], c.Mape)
			}
		}
		t.Logf("%-26s %v: folds %.4f %%, train %.4f %%; original: %.4f %%, %.4f %%", op.name, s.Best, s.CVError, s.TrainError, f.CVError, f.TrainError)
	}
}

// heldOut is the error of an estimator over ten shuffled folds.
func heldOut(t *testing.T, d learn.Data, e learn.Estimator) float64 {
	t.Helper()
	v, err := learn.Validate(context.Background(), d, e, learn.Folds{K: 10, Shuffle: true, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// bestPoly is that of the best polynomial of the original's grid.
func bestPoly(t *testing.T, d learn.Data) float64 {
	t.Helper()
	s, err := learn.Select(context.Background(), d, learn.VidurLinearGrid(), learn.Folds{K: 10, Shuffle: true, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return s.CVError
}

// A forest of 60 trees errs on held-out rows at most 0.2 points more than
// scikit-learn's does. The bounds are means over the operators of all models.
func TestForestsOnHeldOutRows(t *testing.T) {
	errs := map[string][]float64{}
	for _, op := range everyOperator(t) {
		e := heldOut(t, op.Data, learn.Forest{Trees: 60, Seed: 1})
		kind := "pointwise"
		if strings.HasSuffix(op.name, "_proj") {
			kind = "GEMM"
		}
		errs[op.device+" "+kind] = append(errs[op.device+" "+kind], e)
	}
	prefill, decode := attention(t, sharedtest.Path(t, "vidur-data", "profiling", "compute", "a100", "meta-llama", "Llama-2-70b-hf", "attention.csv"))
	errs["prefill"] = []float64{heldOut(t, prefill, learn.Forest{Trees: 60, Seed: 1})}
	errs["decode"] = []float64{heldOut(t, decode, learn.Forest{Trees: 60, Seed: 1})}
	for name, bound := range map[string]float64{
		"a100 GEMM": 2.2, "h100 GEMM": 3.1, "a40 GEMM": 2.3, "a100 pointwise": 2.2, "h100 pointwise": 2.2, "a40 pointwise": 2.2,
		"prefill": 2.2, "decode": 1.2,
	} {
		mean := 0.0
		for _, e := range errs[name] {
			mean += e / float64(len(errs[name]))
		}
		t.Logf("%-15s %2d operators: %.2f %%, bound %.1f + 0.2 %%", name, len(errs[name]), mean, bound)
		if !(mean <= bound+0.2) {
			t.Errorf("%s: %.2f %%, at most %.1f %%", name, mean, bound+0.2)
		}
	}
}

// TestTable logs the errors of all estimators on held-out rows of all profiles:
//
//	VIDUR_LEARN_TABLE=1 go test -run TestTable -v ./vidur/exectime/learn
func TestTable(t *testing.T) {
	if os.Getenv("VIDUR_LEARN_TABLE") == "" {
		t.Skip("a table of minutes: set VIDUR_LEARN_TABLE=1")
	}
	ops := everyOperator(t)
	seen := map[string]bool{}
	for _, op := range ops {
		seen[op.name] = true
	}
	for _, op := range llama70b(t) {
		if !seen[op.name] {
			ops = append(ops, op)
		}
	}
	slices.SortStableFunc(ops, func(a, b operator) int {
		return strings.Compare(a.device+a.model+a.name, b.device+b.model+b.name)
	})
	t.Logf("ten shuffled folds, %%    %-40s %-26s rows  forest(60)  polynomial  cart(20)", "", "")
	for _, op := range ops {
		t.Logf("%-5s %-40s %-26s %5d  %6.2f  %6.2f  %6.2f", op.device, op.model, op.name, len(op.Y),
			heldOut(t, op.Data, learn.Forest{Trees: 60, Seed: 1}), bestPoly(t, op.Data), heldOut(t, op.Data, cart.Tree{MaxDepth: 20}))
	}
}

// BenchmarkTraining is all that the original does before a simulation of
// Llama-2-70b on two a100: 2,440 CPU-seconds of its own.
func BenchmarkTraining(b *testing.B) {
	ops := llama70b(b)
	for name, folds := range map[string]learn.Folds{"contiguous": {K: 10}, "shuffled": {K: 10, Shuffle: true}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, op := range ops {
					if _, err := learn.Select(context.Background(), op.Data, learn.VidurForestGrid(1), folds); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
