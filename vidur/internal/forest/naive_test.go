package forest

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// whole takes all rows once, in place of a bootstrap sample.
func (g *grower) whole(key uint64) part {
	for i := range g.weight {
		g.weight[i] = 1
	}
	return g.root(key)
}

// A judge checks a tree against the definition: at every node it tries all
// splits of all features on the rows there. Targets are small integers, so its
// sums are exact and equal splits are equal.
type judge struct {
	t      *testing.T
	x      [][]float64
	y      []float64
	weight []int32
	limits limits
	tree   tree
}

// gain is what a split saves of the squared error, times the weights of both
// sides and of all.
func (j *judge) gain(rows []int, feature int, cut float64) (num, den float64) {
	var w, s, wl, sl float64
	for _, r := range rows {
		v := float64(j.weight[r])
		w, s = w+v, s+v*j.y[r]
		if j.x[feature][r] <= cut {
			wl, sl = wl+v, sl+v*j.y[r]
		}
	}
	return (w*sl - wl*s) * (w*sl - wl*s), wl * (w - wl)
}

// cuts are the places half way between the values of a feature.
func (j *judge) cuts(rows []int, feature int) []float64 {
	var values, cuts []float64
	for _, r := range rows {
		values = append(values, j.x[feature][r])
	}
	slices.Sort(values)
	values = slices.Compact(values)
	for i := 1; i < len(values); i++ {
		cuts = append(cuts, values[i-1]/2+values[i]/2)
	}
	return cuts
}

// check checks the subtree at i, which has some rows, and returns its end.
func (j *judge) check(i, depth int, rows []int) int {
	n := j.tree[i]
	var w, s float64
	even := true
	candidates := 0
	for _, r := range rows {
		w, s = w+float64(j.weight[r]), s+float64(j.weight[r])*j.y[r]
		even = even && j.y[r] == j.y[rows[0]]
	}
	for f := range j.x {
		candidates += len(j.cuts(rows, f))
	}
	if n.rows() != len(rows) || n.value != s/w {
		j.t.Fatalf("node %d: %d rows of mean %v, want %d of %v", i, n.rows(), n.value, len(rows), s/w)
	}
	if leaf := even || candidates == 0 || depth >= j.limits.depth || len(rows) < j.limits.split; leaf || n.leaf() {
		if leaf != n.leaf() {
			j.t.Fatalf("node %d at depth %d with the rows %v: leaf %t, want %t", i, depth, rows, n.leaf(), leaf)
		}
		return i + 1
	}
	j.best(i, rows)
	var left, right []int
	for _, r := range rows {
		if j.x[n.feature()][r] <= n.cut {
			left = append(left, r)
		} else {
			right = append(right, r)
		}
	}
	if next := j.check(i+1, depth+1, left); next != int(n.right) {
		j.t.Fatalf("node %d: the right side is at %d, want %d", i, n.right, next)
	}
	return j.check(int(n.right), depth+1, right)
}

// best checks that no split is better than that of a node, and none of its
// feature is as good and lower.
func (j *judge) best(i int, rows []int) {
	n := j.tree[i]
	num, den := j.gain(rows, n.feature(), n.cut)
	for f := range j.x {
		cuts := j.cuts(rows, f)
		if f == n.feature() && !slices.Contains(cuts, n.cut) {
			j.t.Fatalf("node %d: the cut %v is none of %v", i, n.cut, cuts)
		}
		for _, c := range cuts {
			a, b := j.gain(rows, f, c)
			if a*den > num*b || f == n.feature() && c < n.cut && a*den == num*b {
				j.t.Fatalf("node %d: feature %d at %v (%v/%v) is better than feature %d at %v (%v/%v)", i, f, c, a, b, n.feature(), n.cut, num, den)
			}
		}
	}
}

// randomRows makes few rows with many equal values.
func randomRows(r *rand.Rand) (x [][]float64, y []float64) {
	n := 1 + r.IntN(60)
	x, y = make([][]float64, 1+r.IntN(3)), make([]float64, n)
	for f := range x {
		x[f] = make([]float64, n)
		values := 1 + r.IntN(30)
		for i := range x[f] {
			x[f][i] = float64(r.IntN(values)*r.IntN(8) - 5)
		}
	}
	levels := 1 + r.IntN(12)
	for i := range y {
		y[i] = float64(r.IntN(levels) - 3)
	}
	return x, y
}

func TestTreesAreTheExactGreedyOnes(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 0))
		x, y := randomRows(r)
		s, err := newSample(x, y)
		if err != nil {
			t.Fatal(err)
		}
		j := judge{t: t, y: s.y, limits: limits{depth: math.MaxInt, split: 2}}
		for f := range x { // in the sample's order
			j.x = append(j.x, make([]float64, len(y)))
			for i, c := range s.code[f] {
				j.x[f][i] = s.values[f][c]
			}
		}
		if seed%2 == 0 {
			j.limits = limits{depth: r.IntN(8), split: 2 + r.IntN(6)}
		}
		g := newGrower(s)
		root := g.draw(seed, 0)
		if seed%3 == 0 {
			root = g.whole(seed)
		}
		j.weight, j.tree = slices.Clone(g.weight), g.grow(nil, root, 0, j.limits)
		var rows []int
		for i, w := range j.weight {
			if w > 0 {
				rows = append(rows, i)
			}
		}
		if end := j.check(0, 0, rows); end != len(j.tree) {
			t.Fatalf("%d nodes, %d reached", len(j.tree), end)
		}
	}
}
