package trained

import (
	"context"
	"errors"
	"math"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/profile"
)

// Comparison is how far off the ways to predict one operator are, in percent of
// its measured times: the mean absolute error.
type Comparison struct {
	Op       vidur.Op  `json:"operator"`
	Rows     int       `json:"rows"`
	Errors   []float64 `json:"errors"`   // of the estimators, on rows that they were not fitted to
	Analytic float64   `json:"analytic"` // of the analytic model, on all rows; NaN where it has no formula
}

// Compare cross-validates estimators on the profiles of a replica, beside the
// analytic model.
func Compare(ctx context.Context, set *profile.Set, spec vidur.ReplicaSpec, analytic exectime.AnalyticOptions, estimators []learn.Estimator, folds learn.Folds) ([]Comparison, error) {
	model, err := exectime.NewAnalytic(analytic)
	if err != nil {
		return nil, err
	}
	operators, err := model.Operators(spec)
	if err != nil {
		return nil, err
	}
	ref := reference{Operators: operators}
	var out []Comparison
	for _, s := range set.Ops {
		if s == nil || allZero(s.Y) || checkSamples(s) != nil {
			continue
		}
		c := Comparison{Op: s.Op, Rows: len(s.Y), Analytic: ref.errorOn(s)}
		for _, e := range estimators {
			percent, err := learn.Validate(ctx, learn.Data{Features: s.Features, X: s.X, Y: s.Y}, e, folds)
			if err != nil {
				return nil, errors.Join(ctx.Err(), err)
			}
			c.Errors = append(c.Errors, percent)
		}
		out = append(out, c)
	}
	return out, nil
}

// errorOn is the mean absolute error of the analytic model on samples, percent.
func (r reference) errorOn(s *profile.Samples) float64 {
	if !hasFormula(s.Op) {
		return math.NaN()
	}
	predicted := make([]float64, len(s.Y))
	for i := range s.Y {
		x, y := int(math.Round(s.X[0][i])), 0
		switch s.Op {
		case vidur.OpAttnDecode:
			y = int(s.X[1][i])
		case vidur.OpAttnPrefill:
			x, y = int(math.Round(math.Sqrt(s.X[1][i]))), x
		}
		predicted[i] = r.at(s.Op, max(x, 1), y)
	}
	return learn.Error(predicted, s.Y)
}
