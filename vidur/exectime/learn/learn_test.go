package learn_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"github.com/govidur/govidur/vidur/exectime/learn"
)

// random makes rows of a noisy function of tokens.
func random(features, n int, seed uint64) learn.Data {
	r := rand.New(rand.NewPCG(seed, 1))
	d := learn.Data{Features: make([]string, features), X: make([][]float64, features)}
	for range n {
		y := 0.5 + 0.1*r.Float64()
		for k := range d.X {
			d.X[k] = append(d.X[k], float64(1+r.IntN(4096)))
			y += d.X[k][len(d.X[k])-1] / 1000
		}
		d.Y = append(d.Y, y)
	}
	return d
}

func TestErrorIsTheOriginals(t *testing.T) {
	got := learn.Error([]float64{1, 3, 0, 5, -1}, []float64{2, 2, 0, 0, -2})
	if want := (50 + 50 + 0 + 100 + 50) / 5.0; got != want {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestFoldsAreScikitLearns(t *testing.T) {
	for _, c := range []struct {
		k, rows int
		want    [][]int
	}{
		{3, 7, [][]int{{0, 1, 2}, {3, 4}, {5, 6}}},
		{2, 4, [][]int{{0, 1}, {2, 3}}},
		{10, 5, [][]int{{0, 1, 2}, {3, 4}}}, // fewer rows than folds: two
	} {
		got, err := learn.Folds{K: c.k}.Split(c.rows)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%d folds of %d rows: %v, %v, want %v", c.k, c.rows, got, err, c.want)
		}
		mixed, err := learn.Folds{K: c.k, Shuffle: true, Seed: 3}.Split(c.rows)
		if err != nil {
			t.Fatal(err)
		}
		all := slices.Sorted(slices.Values(slices.Concat(mixed...)))
		for i := range mixed {
			if len(mixed[i]) != len(c.want[i]) {
				t.Errorf("fold %d has %d rows, want %d", i, len(mixed[i]), len(c.want[i]))
			}
		}
		if !slices.Equal(all, slices.Concat(c.want...)) {
			t.Errorf("shuffled folds have the rows %v", all)
		}
	}
	for _, f := range []learn.Folds{{}, {K: 1}, {K: -1}} {
		if _, err := f.Split(5); err == nil {
			t.Errorf("%+v: no error", f)
		}
	}
	if _, err := (learn.Folds{K: 2}).Split(1); err == nil {
		t.Error("one row: no error")
	}
}

// hidden is an estimator that Select does not know.
type hidden struct{ learn.Estimator }

func TestSharedGrowthChangesNothing(t *testing.T) {
	d := random(2, 90, 1)
	shared := []learn.Estimator{
		learn.Forest{Trees: 6, Seed: 1}, learn.Poly{Degree: 2, Intercept: true}, learn.Forest{Trees: 3, MaxDepth: 2, Seed: 2},
		learn.Poly{Degree: 2, Bias: true}, learn.Forest{Trees: 9, MaxDepth: 5, MinSplit: 4, Seed: 1}, learn.Poly{Degree: 1},
		learn.Poly{Degree: 1, InteractionOnly: true},
	}
	alone := make([]learn.Estimator, len(shared))
	for i, e := range shared {
		alone[i] = hidden{e}
	}
	for _, f := range []learn.Folds{{K: 4}, {K: 4, Shuffle: true, Seed: 1}} {
		got, err := learn.Select(context.Background(), d, shared, f)
		if err != nil {
			t.Fatal(err)
		}
		want, err := learn.Select(context.Background(), d, alone, f)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Scores, want.Scores) || got.TrainError != want.TrainError || got.CVError != slices.Min(got.Scores) {
			t.Errorf("scores %v, alone %v", got.Scores, want.Scores)
		}
		if i := slices.Index(got.Scores, got.CVError); got.Best != shared[i] {
			t.Errorf("best %v, the first of the smallest error is %v", got.Best, shared[i])
		}
	}
}

func TestSelectionDoesNotDependOnTheProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	d := random(2, 120, 2)
	grid := slices.Concat(learn.VidurLinearGrid(), []learn.Estimator{learn.Forest{Trees: 20, MaxDepth: 6}, learn.Forest{Trees: 10}})
	var first []byte
	var scores []float64
	for _, procs := range []int{1, 4} {
		runtime.GOMAXPROCS(procs)
		s, err := learn.Select(context.Background(), d, grid, learn.Folds{K: 5, Shuffle: true})
		if err != nil {
			t.Fatal(err)
		}
		b, err := learn.Encode(s.Model)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first, scores = b, s.Scores
		}
		if !bytes.Equal(b, first) || !slices.Equal(s.Scores, scores) {
			t.Errorf("%d processors change the selection", procs)
		}
	}
}

func TestSelectReportsWhatIsWrong(t *testing.T) {
	d, folds := random(1, 20, 1), learn.Folds{K: 3}
	grid := []learn.Estimator{learn.Poly{Degree: 1}}
	ended, end := context.WithCancel(context.Background())
	end()
	if _, err := learn.Select(ended, d, grid, folds); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
	bad := random(1, 20, 1)
	bad.Y[3] = math.NaN()
	for name, c := range map[string]struct {
		d     learn.Data
		grid  []learn.Estimator
		folds learn.Folds
	}{
		"no grid":       {d, nil, folds},
		"no data":       {learn.Data{}, grid, folds},
		"no number":     {bad, grid, folds},
		"no folds":      {d, grid, learn.Folds{}},
		"no trees":      {d, []learn.Estimator{learn.Forest{}}, folds},
		"no degree":     {d, []learn.Estimator{learn.Poly{}}, folds},
		"many terms":    {random(9, 20, 1), []learn.Estimator{learn.Poly{Degree: 60}}, folds},
		"ragged column": {learn.Data{Features: []string{"x"}, X: [][]float64{{1}}, Y: []float64{1, 2}}, grid, folds},
	} {
		if _, err := learn.Select(context.Background(), c.d, c.grid, c.folds); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, err := learn.Validate(context.Background(), c.d, slices.Concat(c.grid, []learn.Estimator{learn.Forest{}})[0], c.folds); err == nil {
			t.Errorf("%s: no error of Validate", name)
		}
	}
}

func TestEstimatorsHaveDifferentNames(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range slices.Concat(learn.VidurForestGrid(1), learn.VidurForestGrid(2), learn.VidurLinearGrid()) {
		if seen[e.String()] {
			t.Errorf("two estimators are %v", e)
		}
		seen[e.String()] = true
	}
	if len(seen) != 27+27+40 {
		t.Errorf("%d estimators", len(seen))
	}
}

func TestModelsRoundTrip(t *testing.T) {
	d := random(2, 60, 3)
	for _, e := range []learn.Estimator{learn.Forest{Trees: 5}, learn.Poly{Degree: 3, Intercept: true}, learn.Poly{Degree: 1}} {
		m, err := e.Fit(d)
		if err != nil {
			t.Fatal(err)
		}
		b, err := learn.Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		again, err := learn.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(m, again) {
			t.Errorf("%v: the decoded model differs", e)
		}
		for n := range b {
			if _, err := learn.Decode(b[:n]); err == nil {
				t.Fatalf("%v: no error for the first %d of %d bytes", e, n, len(b))
			}
		}
	}
	if _, err := learn.Encode(nil); err == nil {
		t.Error("no model: no error")
	}
	if _, err := learn.Decode([]byte("learn1\nx")); err == nil {
		t.Error("an unknown kind: no error")
	}
}

func FuzzDecode(f *testing.F) {
	for _, e := range []learn.Estimator{learn.Forest{Trees: 2, MaxDepth: 3}, learn.Poly{Degree: 2, Intercept: true}} {
		m, err := e.Fit(random(1, 20, 1))
		if err != nil {
			f.Fatal(err)
		}
		b, _ := learn.Encode(m)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := learn.Decode(data)
		if err != nil {
			return
		}
		b, err := learn.Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := learn.Decode(b); err != nil || !reflect.DeepEqual(m, again) {
			t.Errorf("%q: %v", b, err)
		}
	})
}

func BenchmarkSelect(b *testing.B) {
	d := random(1, 261, 1)
	slices.SortFunc(d.X[0], cmp.Compare)
	for name, grid := range map[string][]learn.Estimator{"forest": learn.VidurForestGrid(1), "poly": learn.VidurLinearGrid()} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := learn.Select(context.Background(), d, grid, learn.Folds{K: 10}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
