package learn

import (
	"fmt"

	"github.com/govidur/govidur/vidur/internal/forest"
)

// Forest is a forest of regression trees like scikit-learn's
// RandomForestRegressor, which the original simulator uses.
type Forest struct {
	Trees    int    // n_estimators
	MaxDepth int    // 0: no limit
	MinSplit int    // min_samples_split: rows that a node needs to be cut; 0 means 2
	Seed     uint64 // of the bootstrap samples. The original has none, so its times vary from run to run
}

// String tells the forest's parameters.
func (f Forest) String() string {
	return fmt.Sprintf("forest(trees=%d depth=%d split=%d seed=%d)", f.Trees, f.MaxDepth, f.MinSplit, f.Seed)
}

func (f Forest) options() forest.Options {
	return forest.Options{Trees: f.Trees, MaxDepth: f.MaxDepth, MinSplit: f.MinSplit, Seed: f.Seed}
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
