// Package forest learns a number from a few features with a forest of
// regression trees, as scikit-learn's RandomForestRegressor does: squared
// error, a bootstrap sample per tree, all features at every split, cuts half
// way between neighbouring values, at least one row in a leaf, the mean of the
// trees.
//
// There are two kinds. Those of [Options.Original] are scikit-learn's to the
// bit. The others differ from them as scikit-learn's of two seeds do from each
// other, and have what a random stream in one line cannot give:
//
// A tree is grown greedily from the top, and every node keeps its mean and its
// number of rows. So a forest with fewer trees, less depth or a larger MinSplit
// is a part of the forest grown without these limits: [Forest.Pruned] cuts it
// out, and [Evaluate] judges a whole grid of limits for the price of one growth.
//
// A forest depends on its options and on the rows as a set, to the last bit:
// not on their order, the number of processors or the architecture. Only an
// original one depends on the order of the rows too.
package forest

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
)

// Options say how a forest grows.
type Options struct {
	Trees    int    // how many; 1 or more
	MaxDepth int    // cuts from the root to a leaf at most; 0: no limit
	MinSplit int    // distinct rows that a node needs to be cut (min_samples_split); 0 means 2
	Seed     uint64 // of the bootstrap samples; tree i depends on (Seed, i) alone

	// Original grows scikit-learn's forest after numpy.random.seed(Seed) and Skip
	// draws of randint(2**31-1): one for each tree that was grown before. Seed must
	// be below 2^32, features within float32.
	Original bool
	Skip     int // 0 to 2^30
}

// Limits of what a forest learns from.
const (
	maxRows     = 1<<24 - 1
	maxFeatures = 1 << 8
	maxTarget   = 1e100 // of |y|, so that products of sums stay finite
	maxTrees    = 1 << 20
	maxSkip     = 1 << 30
)

func (o Options) check() error {
	if o.Trees < 1 || o.Trees > maxTrees || o.MaxDepth < 0 || o.MaxDepth > maxRows || o.MinSplit < 0 || o.MinSplit > maxRows {
		return fmt.Errorf("forest: trees %d, max depth %d, min split %d: not a forest", o.Trees, o.MaxDepth, o.MinSplit)
	}
	switch {
	case o.Original && o.Seed > math.MaxUint32:
		return fmt.Errorf("forest: seed %d: NumPy's are below 2^32", o.Seed)
	case o.Skip < 0 || o.Skip > maxSkip || o.Skip > 0 && !o.Original:
		return fmt.Errorf("forest: skip %d: outside 0 to %d, and 0 but for an original forest", o.Skip, maxSkip)
	}
	return nil
}

// limits are the options that stop a tree, with zeros resolved.
type limits struct{ depth, split int }

func (o Options) limits() limits {
	l := limits{depth: o.MaxDepth, split: max(o.MinSplit, 2)}
	if l.depth == 0 {
		l.depth = math.MaxInt
	}
	return l
}

// stops reports whether a node is a leaf whatever its rows are.
func (l limits) stops(depth, rows int) bool { return depth >= l.depth || rows < l.split }

// A Forest is the mean of its trees. It is safe for concurrent use.
type Forest struct {
	options  Options
	features int
	low      float64 // the range of the targets, which no prediction leaves
	high     float64
	trees    []tree
}

// A tree is its nodes, parents first, the left subtree before the right one.
type tree []node

// A node without a right subtree is a leaf. The left subtree of another one
// follows it.
type node struct {
	value float64 // the mean of its rows
	cut   float64 // rows with feature <= cut go left
	right uint32  // index of the right subtree's root; 0 for a leaf
	meta  uint32  // distinct rows << 8 | feature
}

func (n *node) leaf() bool   { return n.right == 0 }
func (n *node) rows() int    { return int(n.meta >> 8) }
func (n *node) feature() int { return int(n.meta & 0xff) }

func meta(rows, feature int) uint32 { return uint32(rows)<<8 | uint32(feature) }

// Fit grows a forest on rows given by feature (x[feature][row]) and their
// targets. It uses the processors that the runtime may use.
func Fit(x [][]float64, y []float64, o Options) (*Forest, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Original {
		return fitOriginal(x, y, o)
	}
	s, err := newSample(x, y)
	if err != nil {
		return nil, err
	}
	f := &Forest{options: o, features: len(x), low: s.low, high: s.high, trees: make([]tree, o.Trees)}
	parallel(o.Trees, func() func(i int) {
		g := newGrower(s)
		return func(i int) { f.trees[i] = g.tree(o.Seed, i, o.limits()) }
	})
	return f, nil
}

// parallel does tasks 0 … n-1 on the processors that the runtime may use, each
// with a worker of its own.
func parallel(n int, worker func() func(task int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			do := worker()
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	workers.Wait()
}

// Features returns the number of features of a row.
func (f *Forest) Features() int { return f.features }

// Options returns the options that the forest was grown with; zero if it was
// grown elsewhere.
func (f *Forest) Options() Options { return f.options }

// Predict returns the forest's value for one row. It panics if the row does
// not have the forest's number of features.
func (f *Forest) Predict(x []float64) float64 {
	if len(x) != f.features {
		panic(fmt.Sprintf("forest: %d features given, %d learnt", len(x), f.features))
	}
	sum := 0.0
	for _, t := range f.trees {
		sum += t.predict(x)
	}
	return f.mean(sum)
}

func (f *Forest) mean(sum float64) float64 { return clamp(sum/float64(len(f.trees)), f.low, f.high) }

// clamp keeps rounding from carrying a mean out of the range of its terms.
func clamp(v, low, high float64) float64 { return min(max(v, low), high) }

func (t tree) predict(x []float64) float64 {
	n := &t[0]
	for i := uint32(0); !n.leaf(); n = &t[i] {
		if x[n.feature()] <= n.cut {
			i++
		} else {
			i = n.right
		}
	}
	return n.value
}

// Pruned returns the forest that [Fit] would have grown from the same rows with
// tighter options: no more trees, no more depth, no smaller MinSplit, the same
// seed. An original forest cannot be pruned: limits change what its streams give.
func (f *Forest) Pruned(o Options) (*Forest, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	had, want := f.options.limits(), o.limits()
	if o.Original || f.options.Original || o.Seed != f.options.Seed || o.Trees > f.options.Trees || want.depth > had.depth || want.split < had.split {
		return nil, fmt.Errorf("forest: %+v is not part of %+v", o, f.options)
	}
	p := &Forest{options: o, features: f.features, low: f.low, high: f.high, trees: make([]tree, o.Trees)}
	for i := range p.trees {
		p.trees[i], _ = f.trees[i].prune(nil, 0, 0, want)
	}
	return p, nil
}

// prune appends the part of the subtree at i that the limits leave, and returns
// the index after the subtree.
func (t tree) prune(to tree, i, depth int, l limits) (tree, int) {
	n, at := t[i], len(to)
	to = append(to, n)
	if n.leaf() || l.stops(depth, n.rows()) {
		to[at] = node{value: n.value, meta: meta(n.rows(), 0)}
		return to, t.after(i)
	}
	to, _ = t.prune(to, i+1, depth+1, l)
	to[at].right = uint32(len(to))
	return t.prune(to, int(n.right), depth+1, l)
}

// after returns the index after the subtree at i.
func (t tree) after(i int) int {
	for !t[i].leaf() {
		i = int(t[i].right)
	}
	return i + 1
}

// A Node is a node of a tree that was grown elsewhere; see [FromTree]. It has
// both subtrees or none.
type Node struct {
	Feature     int
	Cut         float64 // rows with feature <= Cut go left
	Value       float64 // of a leaf
	Left, Right *Node
}

// FromTree makes a forest of one tree that was grown elsewhere. It cannot be
// pruned: its nodes know neither their means nor their rows.
func FromTree(features int, root *Node) (*Forest, error) {
	f := &Forest{features: features, low: math.Inf(1), high: math.Inf(-1)}
	if features < 1 || features > maxFeatures || root == nil {
		return nil, fmt.Errorf("forest: no tree, or %d features", features)
	}
	t, _, err := f.graft(nil, root)
	if err != nil {
		return nil, err
	}
	f.trees = []tree{t}
	for i := range t {
		t[i].value = clamp(t[i].value, f.low, f.high)
	}
	return f, nil
}

// graft appends a subtree in the forest's form and returns its number of leaves.
func (f *Forest) graft(t tree, n *Node) (tree, int, error) {
	at := len(t)
	switch {
	case n.Left == nil && n.Right == nil:
		if !finite(n.Value) {
			return nil, 0, fmt.Errorf("forest: a leaf of value %v", n.Value)
		}
		f.low, f.high = min(f.low, n.Value), max(f.high, n.Value)
		return append(t, node{value: n.Value, meta: meta(1, 0)}), 1, nil
	case n.Left == nil || n.Right == nil || n.Feature < 0 || n.Feature >= f.features || !finite(n.Cut):
		return nil, 0, errors.New("forest: a node that is neither a cut nor a leaf")
	}
	t = append(t, node{cut: n.Cut})
	t, left, err := f.graft(t, n.Left)
	if err != nil {
		return nil, 0, err
	}
	t[at].right = uint32(len(t))
	t, right, err := f.graft(t, n.Right)
	if err != nil {
		return nil, 0, err
	}
	t[at].meta = meta(left+right, n.Feature)
	return t, left + right, nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
