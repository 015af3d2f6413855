package forest

import (
	"fmt"
	"math/bits"
	"slices"
)

// Evaluate learns from the rows x, y and predicts other rows, at[feature][row],
// with every forest of a grid. Result i is, to the bit, what a forest of
// grid[i] predicts. All of the grid must have one seed, and at most 64 different
// pairs of MaxDepth and MinSplit.
//
// It grows one forest, and of each tree only the branches that the rows to
// predict fall into: held-out rows next to each other cost little. Original
// forests are grown whole, each for itself.
func Evaluate(x [][]float64, y []float64, at [][]float64, grid []Options) ([][]float64, error) {
	if err := checkAt(x, at); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(grid, func(o Options) bool { return o.Original }) {
		return evaluateOriginals(x, y, at, grid)
	}
	s, err := newSample(x, y)
	if err != nil {
		return nil, err
	}
	e := &evaluator{grower: newGrower(s), at: at, rows: make([]int32, len(at[0]))}
	if err := e.plan(grid); err != nil {
		return nil, err
	}
	out := make([][]float64, len(grid))
	most := 0
	for _, o := range grid {
		most = max(most, o.Trees)
	}
	for i := range most {
		e.tree(grid[0].Seed, i)
		for k, o := range grid {
			if o.Trees == i+1 {
				out[k] = e.means(e.index[k], o.Trees)
			}
		}
	}
	return out, nil
}

// checkAt says what is wrong with rows to predict.
func checkAt(x, at [][]float64) error {
	if len(at) != len(x) || len(at) == 0 {
		return fmt.Errorf("forest: %d features to predict from, %d to learn from", len(at), len(x))
	}
	for f := range at {
		if len(at[f]) != len(at[0]) {
			return fmt.Errorf("forest: feature %d of %d rows, feature 0 of %d", f, len(at[f]), len(at[0]))
		}
	}
	return nil
}

// An evaluator grows trees just far enough to predict some rows under several
// limits.
type evaluator struct {
	*grower
	at     [][]float64
	rows   []int32 // indices in at; a node has a range of them
	limits []limits
	index  []int       // by grid entry: its limits
	sums   [][]float64 // by limits and row: of the trees so far
}

// plan gathers the different limits of a grid.
func (e *evaluator) plan(grid []Options) error {
	for _, o := range grid {
		if err := o.check(); err != nil {
			return err
		}
		if o.Seed != grid[0].Seed {
			return fmt.Errorf("forest: a grid with the seeds %d and %d", grid[0].Seed, o.Seed)
		}
		l := o.limits()
		k := slices.Index(e.limits, l)
		if k < 0 {
			k = len(e.limits)
			e.limits = append(e.limits, l)
			e.sums = append(e.sums, make([]float64, len(e.rows)))
		}
		e.index = append(e.index, k)
	}
	if len(e.limits) > 64 {
		return fmt.Errorf("forest: a grid with %d pairs of depth and split, of at most 64", len(e.limits))
	}
	return nil
}

func (e *evaluator) tree(seed uint64, i int) {
	for r := range e.rows {
		e.rows[r] = int32(r)
	}
	if len(e.rows) > 0 {
		e.visit(e.draw(seed, i), e.rows, 0, 1<<len(e.limits)-1)
	}
}

// visit adds a part's values to the sums of rows that fall into it, for the
// limits of the set open under which they fall no further.
func (e *evaluator) visit(p part, rows []int32, depth int, open uint64) {
	closed := uint64(0)
	for k, l := range e.limits {
		if p.even || l.stops(depth, p.rows()) {
			closed |= 1 << k
		}
	}
	open = e.add(&p, rows, open, closed)
	if open == 0 {
		return
	}
	s, ok := e.best(&p)
	if !ok {
		e.add(&p, rows, open, open)
		return
	}
	e.divide(&p, s)
	n := sift(rows, e.at[s.feature], s.cut)
	if n > 0 {
		e.visit(e.left(&p, s), rows[:n], depth+1, open)
	}
	if n < len(rows) {
		e.visit(e.right(&p, s), rows[n:], depth+1, open)
	}
}

// add adds a part's value to the sums of the limits that are both open and
// closed here, and returns those that stay open.
func (e *evaluator) add(p *part, rows []int32, open, closed uint64) uint64 {
	v := e.value(p)
	for set := open & closed; set != 0; set &= set - 1 {
		sums := e.sums[bits.TrailingZeros64(set)]
		for _, r := range rows {
			sums[r] += v
		}
	}
	return open &^ closed
}

// sift moves the rows up to the cut to the front and counts them.
func sift(rows []int32, x []float64, cut float64) int {
	n := 0
	for i, r := range rows {
		if x[r] <= cut {
			rows[i], rows[n] = rows[n], r
			n++
		}
	}
	return n
}

func (e *evaluator) means(k, trees int) []float64 {
	out := make([]float64, len(e.rows))
	for r, sum := range e.sums[k] {
		out[r] = clamp(sum/float64(trees), e.low, e.high)
	}
	return out
}
