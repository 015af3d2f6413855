package forest

import (
	"bufio"
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A problem is one that scikit-learn solved.
type problem struct {
	x, at   [][]float64 // by feature, then row
	y, want []float64
	options Options
}

// scikit reads the problems that testdata/scikit.py has written with
// scikit-learn 1.6.1.
func scikit(t testing.TB) (all []problem) {
	t.Helper()
	file, err := os.Open("testdata/scikit.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var p problem
		var features, rows, queries int
		o := Options{Original: true}
		if _, err := fmt.Sscan(lines.Text(), &features, &rows, &queries, &o.Trees, &o.MaxDepth, &o.MinSplit, &o.Seed, &o.Skip); err != nil {
			t.Fatal(err)
		}
		p.options = o
		p.x, p.y = table(t, lines, features, rows)
		p.at, p.want = table(t, lines, features, queries)
		all = append(all, p)
	}
	return all
}

// table reads rows of features and a last column.
func table(t testing.TB, lines *bufio.Scanner, features, rows int) (x [][]float64, last []float64) {
	x = make([][]float64, features)
	for range rows {
		lines.Scan()
		for f, word := range strings.Fields(lines.Text()) {
			v, err := strconv.ParseFloat(word, 64)
			if err != nil {
				t.Fatal(err)
			}
			if f < features {
				x[f] = append(x[f], v)
			} else {
				last = append(last, v)
			}
		}
	}
	return x, last
}

func (p *problem) row(i int) []float64 {
	row := make([]float64, len(p.at))
	for f := range row {
		row[f] = p.at[f][i]
	}
	return row
}

// Fit, Steps, Evaluate and a decoded forest predict what scikit-learn does.
func TestOriginalForestsAreThoseOfScikitLearn(t *testing.T) {
	problems := scikit(t)
	if len(problems) < 50 {
		t.Fatalf("%d problems", len(problems))
	}
	for k, p := range problems {
		f := mustFit(t, p.x, p.y, p.options)
		steps, ok := f.Steps()
		if !ok {
			t.Fatalf("problem %d: no steps", k)
		}
		evaluated, err := Evaluate(p.x, p.y, p.at, []Options{p.options})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range p.want {
			if a, b, c := f.Predict(p.row(i)), steps.Predict(p.row(i)), evaluated[0][i]; a != want || b != want || c != want {
				t.Errorf("problem %d, %+v, row %v: %v, %v and %v, want %v", k, p.options, p.row(i), a, b, c, want)
			}
		}
		var again Forest
		if err := again.UnmarshalBinary(encoded(t, f)); err != nil || again.Options() != p.options || !bytes.Equal(encoded(t, &again), encoded(t, f)) {
			t.Errorf("problem %d: encoded and decoded it differs: %v", k, err)
		}
	}
}

// The trees of one stream: a forest is the beginning of a larger one, and
// another one is its end.
func TestOriginalForestsContinueTheStream(t *testing.T) {
	x, y := smooth(2, 80, 1)
	whole := mustFit(t, x, y, Options{Trees: 9, Seed: 7, Original: true, Skip: 5})
	first := mustFit(t, x, y, Options{Trees: 4, Seed: 7, Original: true, Skip: 5})
	last := mustFit(t, x, y, Options{Trees: 5, Seed: 7, Original: true, Skip: 9})
	for i, tree := range slices.Concat(first.trees, last.trees) {
		if !slices.Equal(tree, whole.trees[i]) {
			t.Errorf("tree %d differs", i)
		}
	}
	if slices.Equal(whole.trees[0], whole.trees[1]) {
		t.Error("two trees are equal")
	}
}

func TestOriginalForestsDoNotDependOnTheProcessors(t *testing.T) {
	x, y := smooth(2, 300, 1)
	o := Options{Trees: 20, MaxDepth: 9, Seed: 2, Original: true}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := encoded(t, mustFit(t, x, y, o))
	runtime.GOMAXPROCS(4)
	if !bytes.Equal(encoded(t, mustFit(t, x, y, o)), one) {
		t.Error("four processors grow another forest")
	}
	if bytes.Equal(one, encoded(t, mustFit(t, x, y, Options{Trees: 20, MaxDepth: 9, Seed: 2}))) {
		t.Error("the forest is the other kind's")
	}
}

// A node has the rows and the mean of its subtrees, and no more depth or fewer
// rows than the options allow.
func TestOriginalTreesKeepTheirLimits(t *testing.T) {
	for seed := range uint64(30) {
		x, y := randomRows(rand.New(rand.NewPCG(seed, 9)))
		o := Options{Trees: 3, MaxDepth: 1 + int(seed)%6, MinSplit: 2 + int(seed)%5, Seed: seed, Original: true}
		for _, tree := range mustFit(t, x, y, o).trees {
			var walk func(i, depth int) int
			walk = func(i, depth int) (rows int) {
				n := tree[i]
				if n.leaf() {
					return n.rows()
				}
				if depth >= o.MaxDepth || n.rows() < o.MinSplit {
					t.Errorf("%+v: %d rows cut at depth %d", o, n.rows(), depth)
				}
				if rows = walk(i+1, depth+1) + walk(int(n.right), depth+1); rows != n.rows() {
					t.Errorf("%+v: %d rows, %d below", o, n.rows(), rows)
				}
				return rows
			}
			walk(0, 0)
		}
	}
}

// Sorted, keys are a permutation of what they were, in the order of their values.
func TestKeysAreSorted(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 10))
		k := make(keys, r.IntN(300))
		for i := range k {
			k[i] = newKey(int32(r.IntN(1+int(seed))), int32(i))
		}
		had := slices.Sorted(slices.Values(k))
		if k.sort(); seed%2 == 0 {
			k.heap()
		}
		if !slices.IsSortedFunc(k, func(a, b key) int { return int(a.code()) - int(b.code()) }) {
			t.Fatalf("seed %d: not sorted", seed)
		}
		if slices.Sort(k); !slices.Equal(k, had) {
			t.Fatalf("seed %d: other keys", seed)
		}
	}
}

// A float64 is below the narrowed cut if its float32 is below the cut.
func TestNarrowedCuts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 11))
	for range 100_000 {
		low := math.Float32frombits(r.Uint32()&^(1<<30) | uint32(r.IntN(2))<<20)
		cut := float64(low) + (r.Float64()-0.5)*math.Abs(float64(low))*0x1p-22
		narrow := narrowed(cut)
		for _, x := range []float64{cut, narrow, math.Nextafter(narrow, 1e300), math.Nextafter(narrow, -1e300), float64(low), cut + float64(low)*0x1p-24, cut - float64(low)*0x1p-25} {
			if (float64(float32(x)) <= cut) != (x <= narrow) {
				t.Fatalf("cut %x, narrowed %x, value %x", cut, narrow, x)
			}
		}
	}
}

func TestWhatOriginalForestsRefuse(t *testing.T) {
	x, y := [][]float64{{1, 2, 3}}, []float64{1, 2, 3}
	for _, o := range []Options{
		{Trees: 1, Original: true, Seed: 1 << 32}, {Trees: 1, Original: true, Skip: -1},
		{Trees: 1, Original: true, Skip: 1<<30 + 1}, {Trees: 1, Skip: 1}, {Original: true},
	} {
		if _, err := Fit(x, y, o); err == nil {
			t.Errorf("%+v: no error", o)
		}
		if _, err := Evaluate(x, y, x, []Options{o}); err == nil {
			t.Errorf("%+v: no error of Evaluate", o)
		}
	}
	o := Options{Trees: 1, Original: true}
	if _, err := Fit([][]float64{{1e39, 2, 3}}, y, o); err == nil {
		t.Error("no error for a feature beyond float32")
	}
	if _, err := Evaluate(x, y, x, []Options{o, {Trees: 1}}); err == nil {
		t.Error("no error for a grid of both kinds")
	}
	f := mustFit(t, x, y, o)
	if _, err := f.Pruned(o); err == nil {
		t.Error("an original forest was pruned")
	}
	if _, err := mustFit(t, x, y, Options{Trees: 1}).Pruned(o); err == nil {
		t.Error("a forest was pruned to an original one")
	}
}

func BenchmarkFitOriginal(b *testing.B) {
	for _, features := range []int{1, 2} {
		b.Run(strconv.Itoa(features), func(b *testing.B) {
			x, y := smooth(features, 2_000, 1)
			b.ReportAllocs()
			for b.Loop() {
				mustFit(b, x, y, Options{Trees: 50, MaxDepth: 32, Seed: 1, Original: true})
			}
		})
	}
}
