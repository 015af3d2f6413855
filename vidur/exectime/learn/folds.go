package learn

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// Folds say how cross-validation divides the rows: scikit-learn's KFold.
type Folds struct {
	K       int    // how many folds; 2 are made of fewer rows than that, as in the original simulator
	Shuffle bool   // false: folds are runs of rows as they come, as in the original
	Seed    uint64 // of the shuffle

	// Draw: the fits of folds draw from the stream of Original forests, as in the
	// original with one training job. Otherwise forests of our own judge them.
	Draw bool
}

// count returns the number of folds of so many rows.
func (f Folds) count(rows int) int {
	if rows < f.K {
		return 2
	}
	return f.K
}

// Split returns the rows held out by each fold, all rows once.
func (f Folds) Split(rows int) ([][]int, error) {
	k := f.count(rows)
	if k < 2 || rows < 2 {
		return nil, fmt.Errorf("%d folds of %d rows: there must be at least 2 of both", f.K, rows)
	}
	all := make([]int, rows)
	for i := range all {
		all[i] = i
	}
	if f.Shuffle {
		rand.New(rand.NewPCG(f.Seed, uint64(rows))).Shuffle(rows, func(i, j int) { all[i], all[j] = all[j], all[i] })
	}
	folds := make([][]int, k)
	for i := range folds {
		n := rows / k
		if i < rows%k {
			n++
		}
		folds[i], all = all[:n:n], all[n:]
	}
	return folds, nil
}

// rest returns the rows that a fold leaves to learn from, ascending.
func rest(fold []int, rows int) []int {
	held := make([]bool, rows)
	for _, r := range fold {
		held[r] = true
	}
	others := make([]int, 0, rows-len(fold))
	for r := range rows {
		if !held[r] {
			others = append(others, r)
		}
	}
	return slices.Clip(others)
}
