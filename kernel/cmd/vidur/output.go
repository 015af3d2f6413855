package main

import (
	"errors"
	"io"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/spec"
	"github.com/govidur/govidur/vidur/trace"
	"github.com/govidur/govidur/vidur/wandb"
)

// output is the run directory of a simulation and what is written into it while
// it runs.
type output struct {
	dir        *runDir
	experiment *spec.Experiment
	run        *spec.Run
	recorders  []vidur.Recorder
	chrome     *trace.Chrome // nil if none is written
	series     *wandb.Series // the same
	closers    []io.Closer   // in the order in which they must be closed
}

func newOutput(dir *runDir, e *spec.Experiment, run *spec.Run) (*output, error) {
	if err := dir.begin(); err != nil {
		return nil, err
	}
	o := &output{dir: dir, experiment: e, run: run}
	if err := errors.Join(o.beginWandb(), o.traces()); err != nil {
		o.close()
		return nil, err
	}
	return o, nil
}

// traces begins the files that are written event by event.
func (o *output) traces() error {
	if o.experiment.Chrome {
		w, err := o.dir.create("chrome_trace.json")
		if err != nil {
			return err
		}
		t := trace.NewChrome(w, trace.ChromeOptions{Limit: o.experiment.ChromeLimit})
		o.chrome = t
		o.recorders = append(o.recorders, t)
		o.closers = append(o.closers, t, w)
	}
	if o.experiment.Events {
		w, err := o.dir.create("event_trace.json")
		if err != nil {
			return err
		}
		t := trace.NewEvents(w)
		o.recorders = append(o.recorders, t)
		o.closers = append(o.closers, t, w)
	}
	return nil
}

// finish writes what is left and puts the run directory into its place.
func (o *output) finish(store *metrics.Store) error {
	for len(o.closers) > 0 {
		c := o.closers[0]
		o.closers = o.closers[1:]
		if err := c.Close(); err != nil {
			return err
		}
	}
	e := o.experiment
	config, err := e.ConfigJSON(o.run)
	if err != nil {
		return err
	}
	experiment, err := e.YAML()
	if err != nil {
		return err
	}
	if err := o.dir.write("config.json", config); err != nil {
		return err
	}
	if err := o.dir.write("experiment.yaml", experiment); err != nil {
		return err
	}
	if err := o.operators(); err != nil {
		return err
	}
	if err := o.cluster(); err != nil {
		return err
	}
	if err := o.wandb(store); err != nil {
		return err
	}
	err = store.Write(o.dir.create, metrics.WriteOptions{
		NoRequests: !e.RequestMetrics, NoBatches: !e.BatchMetrics, NoUtilization: !e.Utilization, NoPlots: !e.Plots, Subsamples: e.Subsamples,
	})
	if err != nil {
		return err
	}
	return o.dir.commit()
}

// operators writes where operator times came from.
func (o *output) operators() error {
	if o.run.Operators == nil {
		return nil
	}
	return o.encode("operators.json", func(w io.Writer) error { return writeJSON(w, o.run.Operators.Provenance()) })
}

// cluster writes what the event trace refers to.
func (o *output) cluster() error {
	if !o.experiment.Events {
		return nil
	}
	return o.encode("cluster.json", func(w io.Writer) error { return trace.WriteCluster(w, o.run.Config.Replicas) })
}

func (o *output) encode(name string, to func(io.Writer) error) error {
	w, err := o.dir.create(name)
	if err != nil {
		return err
	}
	return errors.Join(to(w), w.Close())
}

// close closes what was not closed by finish.
func (o *output) close() {
	for _, c := range o.closers {
		c.Close()
	}
	o.closers = nil
}
