package learn

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/govidur/govidur/vidur/internal/forest"
)

// A Selection is the outcome of [Select].
type Selection struct {
	Best       Estimator
	Model      Model     // Best, learnt from all rows
	Scores     []float64 // by candidate: its error on held-out rows, the mean of the folds, %
	CVError    float64   // of Best, %
	TrainError float64   // of Model on the rows that it learnt from, %
}

// Select learns the candidates on all folds but one, in turn, takes the one with
// the smallest error on the rows held out, the first of equals, and learns it
// from all rows. The error is that of [Error].
//
// Forests with one seed share their growth, so a grid of them costs little more
// than its largest forest; of polynomials with one solution one is solved.
//
// A grid of Original forests, all of one Seed and Skip, moves the stream on as
// the original does: see [Folds.Draw] and [Folds.Refit]. Best has the Skip that
// Model was grown with, and Best.Skip + Best.Trees numbers are drawn at the end.
func Select(ctx context.Context, d Data, grid []Estimator, folds Folds) (Selection, error) {
	if err := d.Check(); err != nil {
		return Selection{}, err
	}
	if len(grid) == 0 {
		return Selection{}, errors.New("no candidates to select from")
	}
	scores, err := validate(ctx, d, grid, folds)
	if err != nil {
		return Selection{}, err
	}
	best := 0
	for i, s := range scores {
		if s < scores[best] {
			best = i
		}
	}
	s := Selection{Best: folds.Refit(grid, best, len(d.Y)), Scores: scores, CVError: scores[best]}
	if s.Model, err = s.Best.Fit(d); err != nil {
		return Selection{}, fmt.Errorf("%v: %w", s.Best, err)
	}
	s.TrainError = Error(d.predict(s.Model), d.Y)
	return s, ctx.Err()
}

// Validate returns the error of one estimator on held-out rows: the mean of the
// folds, in percent.
func Validate(ctx context.Context, d Data, e Estimator, folds Folds) (float64, error) {
	if err := d.Check(); err != nil {
		return 0, err
	}
	scores, err := validate(ctx, d, []Estimator{e}, folds)
	if err != nil {
		return 0, err
	}
	return scores[0], nil
}

// validate returns the mean error of every candidate.
func validate(ctx context.Context, d Data, grid []Estimator, folds Folds) ([]float64, error) {
	held, err := folds.Split(len(d.Y))
	if err != nil {
		return nil, err
	}
	judges, err := folds.judges(grid, len(d.Y))
	if err != nil {
		return nil, err
	}
	groups := share(judges[0], len(d.X))
	of := make([][]float64, len(grid)) // by candidate, then fold
	for i := range of {
		of[i] = make([]float64, len(held))
	}
	err = each(ctx, len(held)*len(groups), func(task int) error {
		k, g := task/len(groups), groups[task%len(groups)]
		learn, test := d.rows(rest(held[k], len(d.Y))), d.rows(held[k])
		predicted, err := g.predict(judges[k], learn, test)
		if err != nil {
			return fmt.Errorf("%v, fold %d: %w", grid[g[0]], k, err)
		}
		for i, candidate := range g {
			of[candidate][k] = Error(predicted[i%len(predicted)], test.Y)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	means := make([]float64, len(grid))
	for i, errors := range of {
		for _, e := range errors {
			means[i] += e
		}
		means[i] /= float64(len(held))
	}
	return means, nil
}

// A group is candidates, by index, that are learnt together.
type group []int

// share groups the candidates: forests by seed, polynomials by solution, others
// and original forests alone.
func share(grid []Estimator, features int) []group {
	var groups []group
	at := map[any]int{}
	for i, e := range grid {
		var key any = i
		switch e := e.(type) {
		case Forest:
			if !e.Original {
				key = e.Seed
			}
		case Poly:
			key = e.canonical(features)
		}
		if g, ok := at[key]; ok {
			groups[g] = append(groups[g], i)
			continue
		}
		at[key] = len(groups)
		groups = append(groups, group{i})
	}
	return groups
}

// predict learns the candidates of a group and returns their predictions of
// other rows; one list if all are the same.
func (g group) predict(grid []Estimator, learn, test Data) ([][]float64, error) {
	if _, ok := grid[g[0]].(Forest); !ok {
		m, err := grid[g[0]].Fit(learn)
		if err != nil {
			return nil, err
		}
		return [][]float64{test.predict(m)}, nil
	}
	options := make([]forest.Options, len(g))
	for i, candidate := range g {
		options[i] = grid[candidate].(Forest).options()
	}
	return forest.Evaluate(learn.X, learn.Y, test.X, options)
}

// each runs tasks on the processors that the runtime may use, until one fails
// or the context ends. It returns the error of the first task, by number, that
// failed.
func each(ctx context.Context, tasks int, run func(task int) error) error {
	failed := make([]error, tasks)
	var next atomic.Int64
	var stop atomic.Bool
	var workers sync.WaitGroup
	for range min(tasks, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < tasks && !stop.Load() && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				if failed[i] = run(i); failed[i] != nil {
					stop.Store(true)
				}
			}
		})
	}
	workers.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}
