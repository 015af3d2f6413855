package spec

import (
	"context"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/metrics"
)

// Simulate runs the simulation once and returns what was measured. The
// recorders see its events too. A run that fails or is cut has been measured up
// to there.
func (run *Run) Simulate(ctx context.Context, recorders ...vidur.Recorder) (*metrics.Store, error) {
	store := metrics.New(run.Metrics)
	sim, err := vidur.New(run.Config, append([]vidur.Recorder{store}, recorders...)...)
	if err != nil {
		return nil, err
	}
	return store, sim.Run(ctx)
}
