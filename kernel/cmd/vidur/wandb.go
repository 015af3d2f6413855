package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"

	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/wandb"
)

// wandbDir is where runs for Weights & Biases are, in a run directory or a folder of results.
const wandbDir = "wandb"

// beginWandb has the series recorded that W&B shows, if a run for it is to be written.
func (o *output) beginWandb() error {
	if o.experiment.WandbProject == "" {
		return nil
	}
	o.series = &wandb.Series{}
	o.recorders = append(o.recorders, o.series)
	return wandb.CheckProject(o.experiment.WandbProject)
}

// wandb writes the run for W&B.
func (o *output) wandb(store *metrics.Store) error {
	if o.series == nil {
		return nil
	}
	w, err := wandb.Simulation(o.experiment, o.run, store, o.series)
	if err != nil {
		return err
	}
	_, err = w.Write(o.dir.within(wandbDir))
	return err
}

// wandb writes a run for W&B for each row, and removes those of an earlier grid.
func (g *grid) wandb(ctx context.Context, res *search.Results) error {
	if g.experiment.WandbProject == "" {
		return nil
	}
	dir := filepath.Join(g.out, wandbDir)
	written := map[string]bool{}
	err := wandb.Rows(ctx, g.experiment, res, func(w *wandb.Run) error {
		name, err := w.Write(metrics.Dir(dir))
		written[name] = true
		return err
	})
	if err != nil {
		return err
	}
	return removeRuns(dir, written)
}

// ourRun is the name of a run's folder that package wandb has written: the identifiers of W&B
// itself are shorter.
var ourRun = regexp.MustCompile(`^offline-run-\d{8}_\d{6}-[0-9a-f]{16}$`)

// foreignRun is the name of something in a folder that is no run of ours; empty if there
// is none.
func foreignRun(dir string) string {
	entries, _ := os.ReadDir(dir) // there may be no folder
	for _, e := range entries {
		if !ourRun.MatchString(e.Name()) {
			return e.Name()
		}
	}
	return ""
}

// removeRuns removes the runs in a folder that are ours and not to be kept.
func removeRuns(dir string, keep map[string]bool) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if ourRun.MatchString(e.Name()) && !keep[e.Name()] {
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
