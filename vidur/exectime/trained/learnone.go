package trained

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/profile"
)

// selected is what learning an operator comes to, and what the cache keeps.
type selected struct {
	model      learn.Model
	Estimator  string  `json:"estimator"`
	CVError    float64 `json:"cv_error"`    // percent
	TrainError float64 `json:"train_error"` // percent

	// Drawn is where an original forest leaves its stream: how many numbers have
	// been drawn since the start. 0 for others.
	Drawn int `json:"drawn,omitempty"`
}

// learnOne makes o a measured operator of the best of a grid. The note says that
// the cache does not work.
func (t *Trained) learnOne(ctx context.Context, o *operator, s *profile.Samples, grid []learn.Estimator) (note string, err error) {
	if err := checkSamples(s); err != nil {
		return "", err
	}
	if s.Imported {
		return "", o.useImported(s)
	}
	folds := t.options.Folds
	if allZero(s.Y) {
		o.drawn = drawn(folds.Refit(grid, 0, len(s.Y))) // all candidates are right, so the first is chosen
		if !t.options.Original {
			return "", errors.New("the profile has no times of it")
		}
		o.zero, o.Source, o.Rows, o.Estimator, o.CVError = true, Measured, len(s.Y), "none", 0
		o.Note = "the profile has no times of it: it takes 0"
		return "", nil
	}
	if len(s.Y) < folds.K {
		folds.K = 2 // as the original
	}
	key := cacheKey(s, grid, folds)
	got, ok := t.options.Cache.load(key)
	if !ok {
		if got, err = choose(ctx, s, grid, folds); err != nil {
			return "", err
		}
		if got, err = t.options.Cache.store(key, got); err != nil {
			note = fmt.Sprintf("what was learnt is not kept for the next time: %v", err)
		}
	}
	o.use(s, got)
	return note, nil
}

// choose chooses an estimator and fits it.
func choose(ctx context.Context, s *profile.Samples, grid []learn.Estimator, folds learn.Folds) (selected, error) {
	sel, err := learn.Select(ctx, learn.Data{Features: s.Features, X: s.X, Y: s.Y}, grid, folds)
	if err != nil {
		return selected{}, err
	}
	return selected{model: sel.Model, Estimator: sel.Best.String(), CVError: finite(sel.CVError), TrainError: finite(sel.TrainError), Drawn: drawn(sel.Best)}, nil
}

func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}

// use makes o a measured operator.
func (o *operator) use(s *profile.Samples, got selected) {
	x, y := sizes(s)
	o.model, o.edge = got.model, newEdge(x, y)
	if !hasFormula(o.Op) {
		o.slope = slope(s.X[0], s.Y)
	}
	o.Source, o.Note = Measured, ""
	if o.edge.gap {
		o.Source, o.Note = Interpolated, "some profiled sizes are more than a factor of two apart"
	}
	if o.lender > 0 {
		o.Source, o.Note = Transferred, fmt.Sprintf("the same kernel at every degree of tensor parallelism: rows of TP%d", o.lender)
	}
	o.drawn = got.Drawn
	o.Estimator, o.Rows, o.CVError, o.TrainError = got.Estimator, len(s.Y), got.CVError, got.TrainError
	o.Range = o.edge.describe(s)
}

// sizes are tokens, requests or chunks, and cached tokens or nil.
func sizes(s *profile.Samples) (x, y []float64) {
	switch s.Op {
	case vidur.OpAttnDecode:
		return s.X[0], s.X[1]
	case vidur.OpAttnPrefill:
		x = make([]float64, len(s.Y))
		for i, squared := range s.X[1] {
			x[i] = math.Round(math.Sqrt(squared))
		}
		return x, s.X[0]
	}
	return s.X[0], nil
}

// checkSamples reports samples that are not of the form that look-ups have.
func checkSamples(s *profile.Samples) error {
	want := []string{profile.NumTokens}
	switch {
	case s.Op == vidur.OpAttnDecode:
		want = []string{profile.BatchSize, profile.KVCacheSize}
	case s.Op == vidur.OpAttnPrefill:
		want = []string{profile.KVCacheSize, profile.ChunkSquared}
	case s.Op == vidur.OpOther:
		want = []string{profile.NumTokens, profile.BatchSize}
	case s.Op == vidur.OpLMHead || s.Op >= vidur.OpSchedule:
		want = []string{profile.BatchSize}
	}
	if s.Imported && slices.Contains(s.Features, profile.IsPrefill) {
		want = append(want, profile.IsPrefill)
	}
	if strings.Join(s.Features, ",") != strings.Join(want, ",") || len(s.X) != len(want) {
		return fmt.Errorf("the samples are by %v instead of %v", s.Features, want)
	}
	if len(s.Y) < 2 && !(s.Imported && len(s.Y) == 1) {
		return fmt.Errorf("%d rows are too few to learn from", len(s.Y))
	}
	for i, x := range s.X {
		if len(x) != len(s.Y) {
			return fmt.Errorf("%d rows of %s for %d times", len(x), want[i], len(s.Y))
		}
	}
	return nil
}

func allZero(v []float64) bool {
	for _, x := range v {
		if x != 0 {
			return false
		}
	}
	return true
}

// slope is that of the straight line through the points, and not less than 0.
func slope(x, y []float64) float64 {
	n, sx, sy := float64(len(x)), 0.0, 0.0
	for i := range x {
		sx += x[i]
		sy += y[i]
	}
	var xx, xy float64
	for i := range x {
		d := x[i] - sx/n
		xx += d * d
		xy += d * (y[i] - sy/n)
	}
	if xx == 0 {
		return 0
	}
	return max(xy/xx, 0)
}
