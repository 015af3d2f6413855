package trained

import (
	"fmt"
	"math"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/profile"
)

// Options say how times are learnt. The zero value is ready to use.
type Options struct {
	Seed  uint64            // of estimators and folds, where Grid and Folds are not given
	Grid  []learn.Estimator // that are chosen from, per operator; nil means learn.VidurForestGrid(Seed). Original forests are learnt in the original's order, from one stream
	Folds learn.Folds       // of the cross-validation; zero K means 10, shuffled. The original has Folds{K: 10}

	Profile  profile.Options          // where New finds profiles; it reads them leniently
	Over     exectime.TableOptions    // overheads on measured times
	Analytic exectime.AnalyticOptions // of operators without a profile
	KVStep   int                      // cached tokens are rounded up to it; 0 means 64, as in the original

	// Donors are profiles of other shapes on the same device, which correct
	// operators without one of their own; at least two are needed. New reads the
	// same model's with other degrees of tensor parallelism, and those of Models.
	Donors     []Donor
	Models     []vidur.Model
	NoTransfer bool // the analytic model is not corrected

	Clamp    bool // beyond the profile the estimator answers, as in the original: times of forests stand still
	Original bool // no embedding and LM head, and 0 for what a profile lacks a column for, as in the original

	CPU   CPUOverhead // in place of CPU operators from a profile, unless it is zero
	Cache Cache
}

// Donor is the profile of another replica on the same device.
type Donor struct {
	Spec vidur.ReplicaSpec
	Set  *profile.Set
}

const (
	defaultFolds  = 10
	defaultKVStep = 64
)

// withDefaults fills zero fields in and reports what cannot be.
func (o Options) withDefaults() (Options, error) {
	if o.Grid == nil {
		o.Grid = learn.VidurForestGrid(o.Seed)
	}
	if len(o.Grid) == 0 {
		return o, fmt.Errorf("no estimator to choose from")
	}
	if f, ok := o.Grid[0].(learn.Forest); ok && f.Original && f.Seed > math.MaxUint32 {
		return o, fmt.Errorf("seed %d of original forests: NumPy's are below 2^32", f.Seed)
	}
	if o.Folds.K == 0 {
		o.Folds = learn.Folds{K: defaultFolds, Shuffle: true, Seed: o.Seed}
	}
	if o.KVStep == 0 {
		o.KVStep = defaultKVStep
	}
	if o.KVStep < 0 || o.KVStep > 1<<20 {
		return o, fmt.Errorf("KVStep %d must be from 1 to 2^20", o.KVStep)
	}
	return o, o.CPU.check()
}
