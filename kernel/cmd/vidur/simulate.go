package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/trained"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/spec"
)

// simulate runs one experiment.
func simulate(ctx context.Context, args []string, std streams) error {
	var help, asJSON, noFiles, quiet bool
	flags := []spec.Flag{
		{Name: "json", Doc: "print the summary as JSON", Value: &asJSON},
		{Name: "no-files", Doc: "write no run directory", Value: &noFiles},
		{Name: "quiet", Doc: "print nothing but errors", Value: &quiet},
		{Name: "help", Doc: "print this", Value: &help},
	}
	parsed, err := spec.Parse(args, flags...)
	if help {
		simulateUsage(std.out, flags)
		return nil
	}
	if err != nil {
		return err
	}
	j := &job{experiment: parsed.Experiment, notes: parsed.Notes}
	if !noFiles {
		j.dir = newRunDir(ctx, runName(j.experiment))
	}
	if !quiet {
		j.bar = std.err
	}
	if err := j.do(ctx); err != nil {
		return err
	}
	switch {
	case quiet:
		return nil
	case asJSON:
		return writeJSON(std.out, j.report())
	}
	return j.print(std.out)
}

// job is one simulation and what came of it.
type job struct {
	experiment *spec.Experiment
	notes      []string
	run        *spec.Run
	dir        *runDir   // nil if no files are written
	bar        io.Writer // where progress is shown
	summary    metrics.Summary
	meter      trained.Meter // where the stages' time went
	took       time.Duration // of the simulation
}

// do does the job. When it is interrupted it waits for the work to end, but not
// for long: what was written is taken away under its hands.
func (j *job) do(ctx context.Context) error {
	done := make(chan error, 1)
	go func() { done <- j.simulate(ctx) }()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		select {
		case err = <-done:
		case <-time.After(patience):
			err = ctx.Err()
		}
	}
	if j.dir != nil {
		j.dir.discard()
	}
	return err
}

const patience = 20 * time.Millisecond

func (j *job) simulate(ctx context.Context) error {
	run, err := j.experiment.Build()
	if err != nil {
		return err
	}
	j.run = run
	j.notes = append(j.notes, run.Notes...)
	var recorders []vidur.Recorder
	var out *output
	if j.dir != nil {
		if out, err = newOutput(j.dir, j.experiment, run); err != nil {
			return err
		}
		defer out.close()
		recorders = out.recorders
	}
	if run.Operators != nil {
		recorders = append(recorders, &j.meter)
	}
	bar := newProgress(j.bar, run.Requests)
	if bar != nil {
		recorders = append(recorders, bar)
	}
	begun := time.Now()
	store, err := run.Simulate(ctx, recorders...)
	j.took = time.Since(begun)
	bar.end()
	var stuck *vidur.StuckError
	if err != nil && !(j.experiment.Original && errors.As(err, &stuck)) {
		return err
	}
	j.summary = store.Summary()
	j.remark(out)
	if out == nil {
		return err
	}
	return errors.Join(err, out.finish(store)) // the original writes what it has when a run is stuck
}

// remark notes what a reader of the results should know of the run.
func (j *job) remark(out *output) {
	note := func(format string, args ...any) { j.notes = append(j.notes, fmt.Sprintf(format, args...)) }
	if n := j.run.Clamped(); n > 0 {
		note("%d look-ups lay beyond the operator tables and were answered with their last rows", n)
	}
	if t := j.run.Operators; t != nil && t.Beyond() > 0 {
		how := "went on from there as the analytic model does"
		if j.experiment.Original {
			how = "were answered as at its end"
		}
		note("%d look-ups lay beyond the profiles and %s", t.Beyond(), how)
	}
	if out == nil && j.experiment.WandbProject != "" {
		note("wandb-project has no effect with --no-files")
	}
	if out != nil && out.chrome != nil && out.chrome.Cut() > 0 {
		note("chrome_trace.json ends after %d iterations (--chrome-limit)", j.experiment.ChromeLimit)
	}
}

// report is what --json prints.
func (j *job) report() any {
	return struct {
		metrics.Summary
		Times     string     `json:"operator_times"`
		StepError *stepError `json:"step_time_error_percent,omitempty"`
		Notes     []string   `json:"notes,omitempty"`
	}{j.summary, j.run.Times, j.stepError(), j.notes}
}

// stepError is how far off the times of the stages may be, in percent.
type stepError struct {
	Independent float64 `json:"independent"` // if the errors of operators have nothing in common
	Alike       float64 `json:"alike"`       // if all operators err alike
}

// stepError is nil for times from tables, of which nothing is known.
func (j *job) stepError() *stepError {
	if j.run.Operators == nil {
		return nil
	}
	independent, alike := j.run.Operators.StepError(j.meter.Shares())
	return &stepError{100 * independent, 100 * alike}
}

// runName is the path of the run directory.
func runName(e *spec.Experiment) string {
	if e.Out != "" {
		return e.Out
	}
	stamp := time.Now().Format("2006-01-02_15-04-05.000000")
	return filepath.Join(e.OutputDir, strings.ReplaceAll(stamp, ".", "-"))
}
