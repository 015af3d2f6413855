package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/govidur/govidur/vidur"
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
	if err := j.simulate(ctx, std, !noFiles); err != nil {
		return err
	}
	switch {
	case quiet:
		return nil
	case asJSON:
		enc := json.NewEncoder(std.out)
		enc.SetIndent("", "  ")
		return enc.Encode(j.summary)
	}
	return j.print(std.out)
}

// job is one simulation and what came of it.
type job struct {
	experiment *spec.Experiment
	notes      []string
	run        *spec.Run
	dir        string // where its files are; empty if none were written
	summary    metrics.Summary
	took       time.Duration // of the event loop
}

func (j *job) simulate(ctx context.Context, std streams, files bool) error {
	run, err := j.experiment.Build()
	if err != nil {
		return err
	}
	j.run = run
	j.notes = append(j.notes, run.Notes...)
	store := metrics.New(run.Metrics)
	recorders := []vidur.Recorder{store}
	var out *output
	if files {
		if out, err = newOutput(ctx, j.experiment, run); err != nil {
			return err
		}
		defer out.abandon()
		recorders = append(recorders, out.recorders...)
	}
	bar := newProgress(std.err, run.Requests)
	if bar != nil {
		recorders = append(recorders, bar)
	}
	sim, err := vidur.New(run.Config, recorders...)
	if err != nil {
		return err
	}
	begun := time.Now()
	err = sim.Run(ctx)
	j.took = time.Since(begun)
	bar.end()
	if err != nil {
		return err
	}
	j.summary = store.Summary()
	if n := run.Clamped(); n > 0 {
		j.notes = append(j.notes, fmt.Sprintf("%d look-ups lay beyond the operator tables and were answered with their last rows", n))
	}
	if !files {
		return nil
	}
	j.dir = out.dir.final
	return out.finish(store)
}

// runName is the path of the run directory.
func runName(e *spec.Experiment) string {
	if e.Out != "" {
		return e.Out
	}
	stamp := time.Now().Format("2006-01-02_15-04-05.000000")
	return filepath.Join(e.OutputDir, strings.ReplaceAll(stamp, ".", "-"))
}
