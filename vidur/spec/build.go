package spec

import (
	"context"
	"fmt"
	"math"
	"os"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/trained"
	"github.com/govidur/govidur/vidur/metrics"
)

// Run is an experiment made ready: what to simulate and what to keep of it.
type Run struct {
	Config    vidur.Config
	Metrics   metrics.Options
	Requests  int              // that will come; 0 if not known
	Notes     []string         // what a reader of the results should know
	Times     string           // where operator times come from
	Operators *trained.Trained // what is known of them: profiles, the analytic model; nil with tables
	Clamped   func() int64     // look-ups beyond operator tables so far; see exectime.Table.Clamped
}

// Build makes the experiment ready to run, or says what is wrong with it.
func (e *Experiment) Build() (*Run, error) {
	run := &Run{Clamped: func() int64 { return 0 }}
	err := e.build(run, func(s vidur.ReplicaSpec) (vidur.Predictor, error) { return e.predictor(context.Background(), s, run) })
	if err != nil {
		return nil, err
	}
	return run, nil
}

// BuildWith is Build with operator times from elsewhere, which times is asked for
// with the replicas' kind. What the Run says about operator times is then empty.
func (e *Experiment) BuildWith(times func(vidur.ReplicaSpec) (vidur.Predictor, error)) (*Run, error) {
	run := &Run{Clamped: func() int64 { return 0 }}
	if err := e.build(run, times); err != nil {
		return nil, err
	}
	return run, nil
}

// OperatorTimes finds the operator times of a kind of replica as Build does, for
// experiments that share them; see [Experiment.BuildWith].
func (e *Experiment) OperatorTimes(ctx context.Context, s vidur.ReplicaSpec) (vidur.Predictor, error) {
	return e.predictor(ctx, s, &Run{})
}

func (e *Experiment) build(run *Run, times func(vidur.ReplicaSpec) (vidur.Predictor, error)) error {
	if err := e.check(); err != nil {
		return err
	}
	load, err := e.load(run)
	if err != nil {
		return err
	}
	run.Requests = load.requests
	if e.WandbProject == "" && (e.WandbGroup != "" || e.WandbName != "") {
		run.Notes = append(run.Notes, "wandb-group and wandb-name have no effect without wandb-project")
	}
	replica, share, err := e.replica(load.longest)
	if err != nil {
		return err
	}
	if replica.Predictor, err = times(replica); err != nil {
		return err
	}
	run.Config = vidur.Config{
		Seed:        e.Seed,
		Until:       e.Until,
		Replicas:    vidur.Uniform(e.Replicas, replica),
		NewWorkload: load.newWorkload,
	}
	if run.Config.NewScheduler, err = e.scheduler(share); err != nil {
		return err
	}
	if run.Config.NewRouter, err = e.router(load.requests); err != nil {
		return err
	}
	run.Metrics = metrics.Options{
		Replicas:     run.Config.Replicas,
		SketchesOnly: e.Sketches,
		KeepBatches:  e.PerBatch,
		Operations:   e.Operations,
		TokenSeries:  e.TokenTimes,
		Original:     e.Original,
		MinBatch:     e.FirstBatch,
		MaxBatch:     e.LastBatch,
		SLO:          metrics.SLO{TTFT: e.SLOTTFT, TPOT: e.SLOTBT, E2E: e.SLOE2E},
	}
	return nil
}

// check reports what could not mean anything, or nothing that fits a computer.
func (e *Experiment) check() error {
	const any = math.MaxInt
	for _, n := range []struct {
		name               string
		value, least, most int
	}{
		{"tp", e.TP, 1, any}, {"pp", e.PP, 1, any}, {"replicas", e.Replicas, 1, 1 << 16}, {"block-size", e.BlockSize, 0, 1 << 20},
		{"max-batch", e.MaxBatch, 1, any}, {"chunk", e.Chunk, 1, any}, {"max-waits", e.MaxWaits, 1, any},
		{"prompt-tokens", e.Prompt, 1, any}, {"output-tokens", e.Output, 1, any},
	} {
		switch {
		case n.value < n.least:
			return fmt.Errorf("%s is %d; it must be at least %d", n.name, n.value, n.least)
		case n.value > n.most:
			return fmt.Errorf("%s is %d; it must be at most %d", n.name, n.value, n.most)
		}
	}
	const least, most = 1e-9, 1e12
	for _, n := range []struct {
		name  string
		value float64
	}{{"qps", e.QPS}, {"cv", e.CV}, {"ratio", e.Ratio}, {"prompt-scale", e.PromptScale}, {"output-scale", e.OutputScale}, {"time-scale", e.TimeScale}} {
		if !(n.value >= least && n.value <= most) {
			return fmt.Errorf("%s is %g; it must be above 0, from %g to %g", n.name, n.value, least, most)
		}
	}
	if !(e.Margin < 1) {
		return fmt.Errorf("memory-margin is %g; it must be less than 1", e.Margin)
	}
	return e.checkData()
}

// checkData looks for the folder of profiles, if one is named.
func (e *Experiment) checkData() error {
	if info, err := os.Stat(e.Data); e.Data != "" && (err != nil || !info.IsDir()) {
		return fmt.Errorf("data: there is no folder %s", e.Data)
	}
	return nil
}

// replica makes the replicas' kind, without operator times. share is the most
// requests of a batch that the original's planner finds memory for; 0 otherwise.
func (e *Experiment) replica(longest int) (spec vidur.ReplicaSpec, share int, err error) {
	if spec, err = e.Hardware(); err != nil {
		return spec, 0, err
	}
	spec.Blocks, spec.MaxTokens = e.Blocks, longest
	if spec.Margin = e.Margin; e.Margin == 0 {
		spec.Margin = -1 // none
	}
	if e.Original {
		blocks := 0
		if share, blocks, err = spec.PlanByRequest(); err != nil {
			return spec, 0, err
		}
		if spec.Blocks == 0 {
			spec.Blocks = blocks
		}
	}
	return spec, share, nil
}

func (e *Experiment) blockSize() int {
	switch {
	case e.BlockSize > 0:
		return e.BlockSize
	case e.Scheduler == "lightllm":
		return 1
	}
	return 16
}
