package learn

import (
	"fmt"

	"github.com/govidur/govidur/vidur/internal/forest"
)

// Forest is a forest of regression trees like scikit-learn's
// RandomForestRegressor, which the original simulator uses.
//
// There are two kinds. Forests of our own grow fastest and on any number of
// processors, and do not depend on the order of the rows. Original ones are
// scikit-learn's (1.5 to 1.8), with NumPy's random stream, to the bit: with the
// profiles, the seed and the estimator's options of a run of the original they
// have its times. Either kind errs as much on rows that it has not seen.
type Forest struct {
	Trees    int    // n_estimators; 1 or more
	MaxDepth int    // max_depth; 0: no limit
	MinSplit int    // min_samples_split: rows that a node needs to be cut; 0 means 2
	Seed     uint64 // of the bootstrap samples; of an Original forest that of numpy.random.seed, below 2^32

	Original bool // grown as scikit-learn's
	Skip     int  // numbers of NumPy's stream that were drawn before, one per tree (Original)
}

// String tells the forest's parameters.
func (f Forest) String() string {
	if f.Original {
		return fmt.Sprintf("original forest(trees=%d depth=%d split=%d seed=%d skip=%d)", f.Trees, f.MaxDepth, f.MinSplit, f.Seed, f.Skip)
	}
	return fmt.Sprintf("forest(trees=%d depth=%d split=%d seed=%d)", f.Trees, f.MaxDepth, f.MinSplit, f.Seed)
}

func (f Forest) options() forest.Options {
	return forest.Options{Trees: f.Trees, MaxDepth: f.MaxDepth, MinSplit: f.MinSplit, Seed: f.Seed, Original: f.Original, Skip: f.Skip}
}

// Fit grows the forest. The model is its table of steps, unless that would be
// larger than the forest; predictions are the same.
func (f Forest) Fit(d Data) (Model, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	grown, err := forest.Fit(d.X, d.Y, f.options())
	if err != nil {
		return nil, err
	}
	return FromForest(grown), nil
}

// FromForest makes a model of a forest.
func FromForest(f *forest.Forest) Model {
	if s, ok := f.Steps(); ok {
		return s
	}
	return f
}
