package forest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

// smooth makes rows of a noisy surface over a grid with gaps, as profiles are.
func smooth(features, n int, seed uint64) (x [][]float64, y []float64) {
	r := rand.New(rand.NewPCG(seed, 1))
	x, y = make([][]float64, features), make([]float64, n)
	for f := range x {
		x[f] = make([]float64, n)
	}
	for i := range y {
		y[i] = 0.1
		for f := range x {
			x[f][i] = float64(32 * r.IntN(40))
			y[i] += math.Floor(x[f][i]/256)/10 + x[f][i]/1e4
		}
		y[i] *= 1 + float64(0.05*(r.Float64()-0.5))
	}
	return x, y
}

func mustFit(t testing.TB, x [][]float64, y []float64, o Options) *Forest {
	t.Helper()
	f, err := Fit(x, y, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func encoded(t testing.TB, f *Forest) []byte {
	t.Helper()
	b, err := f.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPrunedIsTheForestOfTighterLimits(t *testing.T) {
	for seed := range uint64(20) {
		x, y := randomRows(rand.New(rand.NewPCG(seed, 3)))
		if seed >= 10 {
			x, y = smooth(2, 200, seed)
		}
		large := mustFit(t, x, y, Options{Trees: 12, Seed: seed})
		for _, o := range []Options{{Trees: 12, Seed: seed}, {Trees: 5, MaxDepth: 4, Seed: seed}, {Trees: 1, MaxDepth: 1, MinSplit: 3, Seed: seed}, {Trees: 7, MinSplit: 10, Seed: seed}} {
			pruned, err := large.Pruned(o)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(encoded(t, pruned), encoded(t, mustFit(t, x, y, o))) {
				t.Errorf("seed %d, %+v: the pruned forest is not the refitted one", seed, o)
			}
		}
	}
	f := mustFit(t, [][]float64{{1, 2}}, []float64{1, 2}, Options{Trees: 3, MaxDepth: 4, MinSplit: 5, Seed: 1})
	for _, o := range []Options{{Trees: 4, MaxDepth: 4, MinSplit: 5, Seed: 1}, {Trees: 3, MinSplit: 5, Seed: 1}, {Trees: 3, MaxDepth: 4, MinSplit: 4, Seed: 1}, {Trees: 3, MaxDepth: 4, MinSplit: 5}, {}} {
		if _, err := f.Pruned(o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
}

func TestEvaluateIsFitAndPredict(t *testing.T) {
	for seed := range uint64(12) {
		x, y := randomRows(rand.New(rand.NewPCG(seed, 4)))
		if seed%2 == 0 {
			x, y = smooth(1+int(seed/2)%3, 150, seed)
		}
		at := make([][]float64, len(x))
		r := rand.New(rand.NewPCG(seed, 5))
		for range 40 {
			for f := range at {
				at[f] = append(at[f], float64(r.IntN(1400)-20))
			}
		}
		var grid []Options
		for _, depth := range []int{0, 1, 3, 8} {
			for _, split := range []int{0, 2, 7} {
				for _, trees := range []int{1, 9, 4} {
					grid = append(grid, Options{Trees: trees, MaxDepth: depth, MinSplit: split, Seed: seed})
				}
			}
		}
		got, err := Evaluate(x, y, at, grid)
		if err != nil {
			t.Fatal(err)
		}
		row := make([]float64, len(at))
		for i, o := range grid {
			f := mustFit(t, x, y, o)
			for k := range at[0] {
				for j := range row {
					row[j] = at[j][k]
				}
				if want := f.Predict(row); got[i][k] != want {
					t.Fatalf("seed %d, %+v, row %v: %v, want %v", seed, o, row, got[i][k], want)
				}
			}
		}
	}
}

func TestNothingDependsOnTheOrderOfRows(t *testing.T) {
	for seed := range uint64(10) {
		x, y := smooth(2, 120, seed)
		want := encoded(t, mustFit(t, x, y, Options{Trees: 4, Seed: 9}))
		rand.New(rand.NewPCG(seed, 6)).Shuffle(len(y), func(i, j int) {
			y[i], y[j] = y[j], y[i]
			for f := range x {
				x[f][i], x[f][j] = x[f][j], x[f][i]
			}
		})
		if !bytes.Equal(encoded(t, mustFit(t, x, y, Options{Trees: 4, Seed: 9})), want) {
			t.Errorf("seed %d: another order of the rows gives another forest", seed)
		}
	}
}

func TestNothingDependsOnTheProcessors(t *testing.T) {
	x, y := smooth(2, 500, 1)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := encoded(t, mustFit(t, x, y, Options{Trees: 40, Seed: 2}))
	runtime.GOMAXPROCS(4)
	if !bytes.Equal(encoded(t, mustFit(t, x, y, Options{Trees: 40, Seed: 2})), one) {
		t.Error("four processors grow another forest")
	}
	sum := sha256.Sum256(one)
	if got, want := hex.EncodeToString(sum[:8]), "e566cff0e45084bb"; got != want {
		t.Errorf("the digest of the forest is %s, was %s: forests kept in files and goldens change", got, want)
	}
}

func TestPredictionsStayInTheRangeOfTheTargets(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 7))
		x, y := randomRows(r)
		for i := range y {
			y[i] /= 10 // not exact
		}
		f := mustFit(t, x, y, Options{Trees: 7, Seed: seed})
		for range 50 {
			row := make([]float64, len(x))
			for k := range row {
				row[k] = 400 * (r.Float64() - 0.5)
			}
			if p := f.Predict(row); p < slices.Min(y) || p > slices.Max(y) {
				t.Fatalf("seed %d: %v predicts %v, targets reach from %v to %v", seed, row, p, slices.Min(y), slices.Max(y))
			}
		}
	}
	f := mustFit(t, [][]float64{{1, 2, 3}}, []float64{0.1, 0.1, 0.1}, Options{Trees: 750})
	if p := f.Predict([]float64{2}); p != 0.1 {
		t.Errorf("constant rows of 0.1 predict %v", p)
	}
}

func TestStepsPredictWhatTheForestDoes(t *testing.T) {
	for seed := range uint64(12) {
		x, y := smooth(1+int(seed)%3, 90, seed)
		f := mustFit(t, x, y, Options{Trees: 9, MaxDepth: int(seed), Seed: seed})
		s, ok := f.Steps()
		if !ok {
			t.Fatal("no steps")
		}
		r := rand.New(rand.NewPCG(seed, 8))
		row := make([]float64, len(x))
		for range 500 {
			for k := range row {
				row[k] = 1500*r.Float64() - 100
				if c := s.cuts[k]; r.IntN(2) == 0 && len(c) > 0 {
					row[k] = c[r.IntN(len(c))]
				}
				if r.IntN(20) == 0 {
					row[k] = []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1)}[r.IntN(4)]
				}
			}
			if got, want := s.Predict(row), f.Predict(row); got != want {
				t.Fatalf("seed %d, %v: %v, want %v", seed, row, got, want)
			}
		}
	}
	x := make([][]float64, 24)
	for k := range x {
		x[k] = []float64{0, 1, 0}
		x[k][2] = float64(k % 2)
	}
	y := []float64{1, 2, 3}
	if _, ok := mustFit(t, x, y, Options{Trees: 400}).Steps(); ok {
		t.Error("steps of 2^24 cells")
	}
}

func TestTheBootstrapDrawsEvenly(t *testing.T) {
	s, err := newSample([][]float64{make([]float64, 100)}, make([]float64, 100))
	if err != nil {
		t.Fatal(err)
	}
	weight, drawn, distinct := make([]int32, 100), make([]float64, 100), 0
	const trees = 4000
	for i := range trees {
		s.bootstrap(weight, rand.NewPCG(3, uint64(i)))
		sum := int32(0)
		for r, w := range weight {
			sum += w
			drawn[r] += float64(w) / trees
			if w > 0 {
				distinct++
			}
		}
		if sum != 100 {
			t.Fatalf("tree %d has %d draws of 100 rows", i, sum)
		}
	}
	for r, mean := range drawn {
		if math.Abs(mean-1) > 5/math.Sqrt(trees) {
			t.Errorf("row %d is drawn %v times a tree", r, mean)
		}
	}
	want := 1 - math.Pow(0.99, 100)
	if got := float64(distinct) / trees / 100; math.Abs(got-want) > 0.003 {
		t.Errorf("a tree has %v of the rows, want %v", got, want)
	}
}

// Which of two features cuts, if both do as well, is chance: a fixed choice
// would make predictions between the rows depend on the order of features.
func TestEqualFeaturesTakeTurns(t *testing.T) {
	x := [][]float64{{0, 0, 1, 1}, {5, 5, 7, 7}}
	f := mustFit(t, x, []float64{1, 1, 2, 2}, Options{Trees: 2000})
	first, cuts := 0, 0
	for _, tree := range f.trees {
		if n := tree[0]; !n.leaf() {
			cuts++
			first += 1 - n.feature()
		}
	}
	if share := float64(first) / float64(cuts); math.Abs(share-0.5) > 0.05 {
		t.Errorf("the first feature cuts in %v of the trees", share)
	}
}

func TestWhatCannotBeLearnt(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		x [][]float64
		y []float64
		o Options
	}{
		{nil, []float64{1}, Options{Trees: 1}},
		{[][]float64{{}}, nil, Options{Trees: 1}},
		{[][]float64{{1, 2}}, []float64{1}, Options{Trees: 1}},
		{[][]float64{{nan}}, []float64{1}, Options{Trees: 1}},
		{[][]float64{{1}}, []float64{inf}, Options{Trees: 1}},
		{[][]float64{{1}}, []float64{1e200}, Options{Trees: 1}},
		{[][]float64{{1}}, []float64{1}, Options{}},
		{[][]float64{{1}}, []float64{1}, Options{Trees: 1, MaxDepth: -1}},
		{[][]float64{{1}}, []float64{1}, Options{Trees: 1, MinSplit: -1}},
	} {
		if _, err := Fit(c.x, c.y, c.o); err == nil {
			t.Errorf("%v: no error", c)
		}
		if _, err := Evaluate(c.x, c.y, c.x, []Options{c.o}); err == nil {
			t.Errorf("%v: no error of Evaluate", c)
		}
	}
	x := [][]float64{{1}}
	for _, grid := range [][]Options{{{Trees: 1}, {Trees: 1, Seed: 1}}, {{Trees: 1}, {}}} {
		if _, err := Evaluate(x, []float64{1}, x, grid); err == nil {
			t.Errorf("%v: no error", grid)
		}
	}
	for _, at := range [][][]float64{nil, {{1}, {2}}} {
		if _, err := Evaluate(x, []float64{1}, at, []Options{{Trees: 1}}); err == nil {
			t.Errorf("%v: no error", at)
		}
	}
}

// Neighbouring numbers have no middle, and the sum of large ones is no number.
func TestCutsOfExtremeValues(t *testing.T) {
	up := math.Nextafter(1, 2)
	for _, v := range [][2]float64{{1, up}, {math.MaxFloat64 / 2, math.MaxFloat64}, {-math.MaxFloat64, math.MaxFloat64}, {0, 5e-324}, {-5e-324, 0}} {
		f := mustFit(t, [][]float64{{v[0], v[1], v[0], v[1]}}, []float64{1, 2, 1, 2}, Options{Trees: 60})
		if a, b := f.Predict([]float64{v[0]}), f.Predict([]float64{v[1]}); !(a < 1.3 && b > 1.7) {
			t.Errorf("%v: %v and %v", v, a, b)
		}
	}
}
