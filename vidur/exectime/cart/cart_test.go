package cart

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sjwhitworth/golearn/trees"

	"github.com/govidur/govidur/vidur/exectime/learn"
)

func random(features, n int, seed uint64) learn.Data {
	r := rand.New(rand.NewPCG(seed, 1))
	d := learn.Data{Features: make([]string, features), X: make([][]float64, features)}
	for range n {
		y := 1 + r.Float64()
		for k := range d.X {
			v := float64(r.IntN(30) - 3)
			d.X[k] = append(d.X[k], v)
			y += v * float64(k+1)
		}
		d.Y = append(d.Y, y)
	}
	return d
}

func fit(t testing.TB, depth int, d learn.Data) learn.Model {
	t.Helper()
	m, err := Tree{MaxDepth: depth}.Fit(d)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestModelIsGolearnsTree(t *testing.T) {
	for seed := range uint64(20) {
		d := random(1+int(seed%3), 80, seed)
		depth := []int{0, 1, 3, 20}[seed%4]
		m := fit(t, depth, d)
		grid, err := instances(d)
		if err != nil {
			t.Fatal(err)
		}
		tree := trees.NewDecisionTreeRegressor(trees.MSE, int64(cmp.Or(depth, -1)))
		if err := tree.Fit(grid); err != nil {
			t.Fatal(err)
		}
		at := random(len(d.X), 300, seed+100)
		for k := range at.X { // also at the cuts
			for r := range at.X[k] {
				at.X[k][r] += float64(r%3) / 2
			}
		}
		points, err := instances(at)
		if err != nil {
			t.Fatal(err)
		}
		x := make([]float64, len(d.X))
		for r, want := range tree.Predict(points) {
			for k := range x {
				x[k] = at.X[k][r]
			}
			if got := m.Predict(x); got != want {
				t.Fatalf("seed %d, %v: %v, golearn predicts %v", seed, x, got, want)
			}
		}
	}
}

// own predicts one row with the greedy tree of least squared error.
func own(x [][]float64, y []float64, rows []int, depth int, at []float64) float64 {
	sum := func(rows []int) (s, squares float64) {
		for _, r := range rows {
			s += y[r]
		}
		for _, r := range rows {
			squares += math.Pow(y[r]-s/float64(len(rows)), 2)
		}
		return s, squares
	}
	s, best := sum(rows)
	var side []int
	for k := range x {
		sorted := slices.Clone(rows)
		slices.SortFunc(sorted, func(a, b int) int { return cmp.Compare(x[k][a], x[k][b]) })
		for i := 1; i < len(sorted); i++ {
			a, b := x[k][sorted[i-1]], x[k][sorted[i]]
			_, l := sum(sorted[:i])
			_, r := sum(sorted[i:])
			if a == b || l+r >= best-1e-12 {
				continue
			}
			best, side = l+r, sorted[:i]
			if at[k] >= (a+b)/2 {
				side = sorted[i:]
			}
		}
	}
	if depth == 0 || side == nil {
		return s / float64(len(rows))
	}
	return own(x, y, side, depth-1, at)
}

// On the rows that it learnt from: elsewhere two features that divide the rows
// in one way, and between which rounding chooses, predict different values.
func TestTreeIsTheGreedyOne(t *testing.T) {
	for seed := range uint64(10) {
		d := random(2, 60, seed)
		all := make([]int, len(d.Y))
		for i := range all {
			all[i] = i
		}
		depth := 1 + int(seed)
		m := fit(t, depth, d)
		for r := range d.Y {
			x := []float64{d.X[0][r], d.X[1][r]}
			if got, want := m.Predict(x), own(d.X, d.Y, all, depth, x); math.Abs(got-want) > 1e-9 {
				t.Fatalf("seed %d, depth %d, %v: %v, want %v", seed, depth, x, got, want)
			}
		}
	}
}

func TestNothingToCut(t *testing.T) {
	for name, d := range map[string]learn.Data{
		"a constant target":   {Features: []string{"x"}, X: [][]float64{{-1, 0, 2}}, Y: []float64{0.7, 0.7, 0.7}},
		"a constant feature":  {Features: []string{"x"}, X: [][]float64{{3, 3}}, Y: []float64{0.6, 0.8}},
		"one row":             {Features: []string{"x"}, X: [][]float64{{3}}, Y: []float64{0.7}},
		"cuts that gain none": {Features: []string{"x"}, X: [][]float64{{-1, -1, 1, 1}}, Y: []float64{0.5, 0.9, 0.5, 0.9}},
	} {
		for _, depth := range []int{0, 1, 5} {
			for _, x := range []float64{-9, 0, 9} {
				if p := fit(t, depth, d).Predict([]float64{x}); math.Abs(p-0.7) > 1e-15 {
					t.Errorf("%s: depth %d predicts %v at %v", name, depth, p, x)
				}
			}
		}
	}
	for name, e := range map[string]Tree{"negative depth": {-1}} {
		if _, err := e.Fit(random(1, 5, 1)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := (Tree{}).Fit(learn.Data{}); err == nil {
		t.Error("no data: no error")
	}
}

// A root that really cuts at 0 and predicts 0 above is not taken for the one
// that golearn leaves where it finds no cut.
func TestCutAtZero(t *testing.T) {
	m := fit(t, 1, learn.Data{Features: []string{"x"}, X: [][]float64{{-1, 1}}, Y: []float64{5, 0}})
	if a, b := m.Predict([]float64{-1}), m.Predict([]float64{1}); a != 5 || b != 0 {
		t.Errorf("%v and %v, want 5 and 0", a, b)
	}
}

func TestEncoding(t *testing.T) {
	d := random(2, 50, 1)
	m := fit(t, 6, d)
	b, err := learn.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	again, err := learn.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	for r := range d.Y {
		if x := []float64{d.X[0][r], d.X[1][r]}; m.Predict(x) != again.Predict(x) {
			t.Fatalf("the decoded model differs at %v", x)
		}
	}
}

func BenchmarkFit(b *testing.B) {
	d := random(1, 261, 1)
	b.ReportAllocs()
	for b.Loop() {
		fit(b, 20, d)
	}
}
