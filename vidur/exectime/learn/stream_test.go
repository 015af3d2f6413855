package learn_test

import (
	"context"
	"slices"
	"testing"

	"github.com/govidur/govidur/vidur/exectime/learn"
)

func stairs(rows int) learn.Data {
	d := learn.Data{Features: []string{"num_tokens"}, X: make([][]float64, 1)}
	for i := range rows {
		d.X[0], d.Y = append(d.X[0], float64(8*i)), append(d.Y, 0.1*float64(1+i/7)+0.001*float64(i*i%11))
	}
	return d
}

func trees(of ...int) (grid []learn.Estimator) {
	for _, n := range of {
		grid = append(grid, learn.Forest{Trees: n, MaxDepth: 4, Seed: 7, Original: true, Skip: 100})
	}
	return grid
}

// Select draws as scikit-learn's search does: candidate by candidate, fold by
// fold, then the chosen one. Each fit here is written out.
func TestSelectDrawsInTheOriginalsOrder(t *testing.T) {
	d, grid, folds := stairs(40), trees(3, 5, 2), learn.Folds{K: 4, Draw: true}
	got, err := learn.Select(context.Background(), d, grid, folds)
	if err != nil {
		t.Fatal(err)
	}
	held, err := folds.Split(len(d.Y))
	if err != nil {
		t.Fatal(err)
	}
	skip := 100
	for i, e := range grid {
		f, sum := e.(learn.Forest), 0.0
		for _, rows := range held {
			f.Skip = skip
			skip += f.Trees
			var rest []int
			for r := range d.Y {
				if !slices.Contains(rows, r) {
					rest = append(rest, r)
				}
			}
			m := fit(t, f, some(d, rest))
			sum += trainError(some(d, rows), m)
		}
		if want := sum / 4; got.Scores[i] != want {
			t.Errorf("candidate %d: %v %%, want %v", i, got.Scores[i], want)
		}
	}
	best := grid[slices.Index(got.Scores, slices.Min(got.Scores))].(learn.Forest)
	if best.Skip = skip; got.Best != learn.Estimator(best) {
		t.Errorf("chosen %v, want %v", got.Best, best)
	}
	if want := trainError(d, fit(t, best, d)); got.TrainError != want {
		t.Errorf("training error %v %%, want %v", got.TrainError, want)
	}
}

func some(d learn.Data, rows []int) learn.Data {
	out := learn.Data{Features: d.Features, X: make([][]float64, len(d.X))}
	for _, r := range rows {
		for k := range d.X {
			out.X[k] = append(out.X[k], d.X[k][r])
		}
		out.Y = append(out.Y, d.Y[r])
	}
	return out
}

// Without Draw forests of our own choose, and only the chosen one draws.
func TestOwnForestsJudgeOriginalOnes(t *testing.T) {
	d, grid := stairs(40), trees(3, 5, 2)
	got, err := learn.Select(context.Background(), d, grid, learn.Folds{K: 4})
	if err != nil {
		t.Fatal(err)
	}
	var own []learn.Estimator
	for _, e := range grid {
		f := e.(learn.Forest)
		f.Original, f.Skip = false, 0
		own = append(own, f)
	}
	want, err := learn.Select(context.Background(), d, own, learn.Folds{K: 4})
	if err != nil {
		t.Fatal(err)
	}
	chosen := want.Best.(learn.Forest)
	chosen.Original, chosen.Skip = true, 100
	if !slices.Equal(got.Scores, want.Scores) || got.Best != learn.Estimator(chosen) {
		t.Errorf("%v by %v, want %v by %v", got.Best, got.Scores, chosen, want.Scores)
	}
	if got.TrainError == want.TrainError {
		t.Error("both kinds learn the same")
	}
}

func TestGridsOfOneStream(t *testing.T) {
	d := stairs(40)
	other := trees(3)[0].(learn.Forest)
	for name, change := range map[string]func(f *learn.Forest){
		"another seed": func(f *learn.Forest) { f.Seed++ },
		"another skip": func(f *learn.Forest) { f.Skip++ },
		"another kind": func(f *learn.Forest) { f.Original, f.Skip = false, 0 },
		"a long seed":  func(f *learn.Forest) { f.Seed = 1 << 32 },
	} {
		f := other
		change(&f)
		for _, grid := range [][]learn.Estimator{{other, f}, {f, other}} {
			if _, err := learn.Select(context.Background(), d, grid, learn.Folds{K: 2}); err == nil {
				t.Errorf("%s: no error", name)
			}
		}
	}
}

// Either kind of forest errs as much on rows that it has not seen.
func TestBothKindsErrAlike(t *testing.T) {
	own, original, n := 0.0, 0.0, 0.0
	for _, op := range llama70b(t) {
		if len(op.Y) > 3000 {
			continue
		}
		f := learn.Forest{Trees: 60, Seed: 1}
		a := heldOut(t, op.Data, f)
		f.Original = true
		b, err := learn.Validate(context.Background(), op.Data, f, learn.Folds{K: 10, Shuffle: true, Seed: 1, Draw: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%-26s own %.2f %%, original %.2f %%", op.name, a, b)
		own, original, n = own+a, original+b, n+1
	}
	if own, original = own/n, original/n; !near(own, original, 0.03) {
		t.Errorf("own forests err by %.3f %% on held-out rows, the original's by %.3f %%", own, original)
	}
}
