package forest

import (
	"fmt"
	"slices"
)

// maxCells bounds a [Steps], to 64 MiB.
const maxCells = 1 << 23

// Steps is a forest written out as what it is, a function that is constant
// between the cuts of each feature: a table of one value per cell. A look-up
// takes a binary search per feature instead of a walk down every tree.
type Steps struct {
	cuts   [][]float64 // by feature, ascending; cell i reaches from above cut i-1 up to cut i
	values []float64   // by cell, the last feature running fastest
}

// Steps writes a forest out; ok is false if it has too many cells. Predictions
// stay the same to the bit.
func (f *Forest) Steps() (s *Steps, ok bool) {
	s = &Steps{cuts: f.cuts()}
	cells := s.cells(maxCells)
	if cells == 0 {
		return nil, false
	}
	s.values = make([]float64, cells)
	lo, hi := make([]int, f.features), make([]int, f.features)
	for _, t := range f.trees {
		for k, c := range s.cuts {
			lo[k], hi[k] = 0, len(c)+1
		}
		s.paint(t, 0, lo, hi)
	}
	for i, sum := range s.values {
		s.values[i] = f.mean(sum)
	}
	return s, true
}

// cuts returns the distinct cuts of a forest by feature, ascending.
func (f *Forest) cuts() [][]float64 {
	known, fresh := make([][]float64, f.features), make([][]float64, f.features)
	for _, t := range f.trees {
		for i := range t {
			n := &t[i]
			k := n.feature()
			if n.leaf() {
				continue
			}
			if c := cell(known[k], n.cut); c == len(known[k]) || known[k][c] != n.cut {
				fresh[k] = append(fresh[k], n.cut)
			}
		}
		for k, cuts := range fresh { // after every tree, so that few are found fresh
			if len(cuts) > 0 {
				known[k] = append(known[k], cuts...)
				slices.Sort(known[k])
				known[k], fresh[k] = slices.Compact(known[k]), cuts[:0]
			}
		}
	}
	return known
}

// cells returns the number of cells, 0 if it exceeds a limit.
func (s *Steps) cells(limit int) int {
	cells := 1
	for _, c := range s.cuts {
		if len(c)+1 > limit/cells {
			return 0
		}
		cells *= len(c) + 1
	}
	return cells
}

// paint adds the values of a subtree to the cells lo..hi that it covers.
func (s *Steps) paint(t tree, i uint32, lo, hi []int) {
	n := &t[i]
	if n.leaf() {
		s.fill(n.value, 0, 0, lo, hi)
		return
	}
	k := n.feature()
	beyond := cell(s.cuts[k], n.cut) + 1
	l, h := lo[k], hi[k]
	if hi[k] = min(h, beyond); l < hi[k] {
		s.paint(t, i+1, lo, hi)
	}
	hi[k] = h
	if lo[k] = max(l, beyond); lo[k] < h {
		s.paint(t, n.right, lo, hi)
	}
	lo[k] = l
}

// fill adds a value to a box of cells, of which the indices of the features
// before k are in base.
func (s *Steps) fill(v float64, k, base int, lo, hi []int) {
	base *= len(s.cuts[k]) + 1
	if k < len(s.cuts)-1 {
		for i := lo[k]; i < hi[k]; i++ {
			s.fill(v, k+1, base+i, lo, hi)
		}
		return
	}
	cells := s.values[base+lo[k] : base+hi[k]]
	for i := range cells {
		cells[i] += v
	}
}

// Features returns the number of features of a row.
func (s *Steps) Features() int { return len(s.cuts) }

// Cells returns the number of values that the table holds.
func (s *Steps) Cells() int { return len(s.values) }

// Predict returns the value for one row. It panics if the row does not have the
// table's number of features.
func (s *Steps) Predict(x []float64) float64 {
	if len(x) != len(s.cuts) {
		panic(fmt.Sprintf("forest: %d features given, %d learnt", len(x), len(s.cuts)))
	}
	at := 0
	for k, cuts := range s.cuts {
		at = at*(len(cuts)+1) + cell(cuts, x[k])
	}
	return s.values[at]
}

// cell returns the first cell whose upper cut is not below x: the last one if x
// is no number, as in a tree. It has no branch that depends on x.
func cell(cuts []float64, x float64) int {
	at := 0
	for n := len(cuts); n > 0; {
		half := (n + 1) / 2
		next := at + half
		if !(x <= cuts[next-1]) {
			at = next
		}
		n -= half
	}
	return at
}
