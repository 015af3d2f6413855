package forest

import (
	"errors"
	"fmt"
	"math"

	"github.com/govidur/govidur/vidur/internal/pyrand"
)

// Forests with Options.Original are those of scikit-learn's
// RandomForestRegressor, node by node and bit by bit. What its documentation
// leaves open was found by comparing with it (1.5 to 1.8; later ones differ by
// up to 5e-4 with several features), and is this:
//
//   - The forest takes one number of NumPy's global stream per tree, the tree's
//     seed. That starts two more streams: NumPy's draws the bootstrap sample,
//     and its first number, drawn again from the start, is the state of the
//     xorshift that orders the features.
//   - Features are float32, in learning and in predicting, and sums are float64
//     over the rows of a node in their present order. Sorting is not stable and
//     dividing a node moves rows about, so that order is part of the result.
//   - Nodes are visited depth first, the left one first. A node is a leaf when
//     its targets vary by no more than 2^-52.
//   - A cut is ranked by the squared sums of both sides over their weights; the
//     first of equals stays. Values within 1e-7 of each other, which some releases
//     take for one (1.5, 1.8) and some do not (1.6), are two.
//   - A prediction is the trees' sum, in their order, over their number.
//
// So such a forest depends on the order of the rows, and a smaller one is not
// part of a larger one: with several features, limits change the order in which
// they are drawn.

// treeSeeds is the bound of the numbers that seed trees.
const treeSeeds = math.MaxInt32

// newOriginalSample takes the rows as they come, the features as float32.
func newOriginalSample(x [][]float64, y []float64) (*sample, error) {
	if err := check(x, y); err != nil {
		return nil, err
	}
	s := &sample{y: y, low: -math.MaxFloat64, high: math.MaxFloat64} // means are not clamped
	for f, column := range x {
		narrow := make([]float64, len(column))
		for r, v := range column {
			if math.Abs(v) > math.MaxFloat32 {
				return nil, fmt.Errorf("forest: feature %d of row %d is %v, which is no float32", f, r, v)
			}
			narrow[r] = float64(float32(v)) + 0 // no negative zero
		}
		values, code := ranked(narrow)
		s.values, s.code = append(s.values, values), append(s.code, code)
	}
	return s, nil
}

// seeds are those of the trees: the numbers after Skip of the stream.
func (o Options) seeds() []uint32 {
	stream := pyrand.NewRandomState(uint32(o.Seed))
	for range o.Skip {
		stream.RandInt(treeSeeds)
	}
	seeds := make([]uint32, o.Trees)
	for i := range seeds {
		seeds[i] = stream.RandInt(treeSeeds)
	}
	return seeds
}

// fitOriginal is [Fit] of an original forest.
func fitOriginal(x [][]float64, y []float64, o Options) (*Forest, error) {
	s, err := newOriginalSample(x, y)
	if err != nil {
		return nil, err
	}
	f := &Forest{options: o, features: len(x), low: s.low, high: s.high, trees: make([]tree, o.Trees)}
	seeds := o.seeds()
	parallel(o.Trees, func() func(i int) {
		g := newOriginalGrower(s, o.limits())
		return func(i int) { f.trees[i] = g.tree(seeds[i], nil) }
	})
	return f, nil
}

// evaluateOriginals is [Evaluate] of original forests. It keeps one tree at a
// time.
func evaluateOriginals(x [][]float64, y []float64, at [][]float64, grid []Options) ([][]float64, error) {
	s, err := newOriginalSample(x, y)
	if err != nil {
		return nil, err
	}
	out := make([][]float64, len(grid))
	for k, o := range grid {
		if err := o.check(); err != nil {
			return nil, err
		}
		if !o.Original {
			return nil, errors.New("forest: a grid with original forests and others")
		}
		out[k] = newOriginalGrower(s, o.limits()).means(o, at)
	}
	return out, nil
}

// means are the predictions of rows.
func (g *originalGrower) means(o Options, at [][]float64) []float64 {
	out, row := make([]float64, len(at[0])), make([]float64, len(at))
	t := make(tree, 0, 2*len(g.y))
	for _, seed := range o.seeds() {
		t = g.tree(seed, t[:0])
		for i := range out {
			for f := range row {
				row[f] = at[f][i]
			}
			out[i] += t.predict(row)
		}
	}
	for i := range out {
		out[i] /= float64(o.Trees)
	}
	return out
}

// narrowed returns the cut at which float64 features part as their float32
// values part at a cut: the largest value that becomes no float32 above it.
func narrowed(cut float64) float64 {
	low := float32(cut)
	if float64(low) > cut {
		low = math.Nextafter32(low, float32(math.Inf(-1)))
	}
	high := math.Nextafter32(low, float32(math.Inf(1)))
	middle := float64(low)/2 + float64(high)/2
	if float32(middle) != low { // a tie goes to the even one
		middle = math.Nextafter(middle, math.Inf(-1))
	}
	return middle
}
