package metrics

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Open makes a file of a run. The name may have a folder, with a slash.
type Open func(name string) (io.WriteCloser, error)

// Dir makes files in a folder, and the folders that they need.
func Dir(path string) Open {
	return func(name string) (io.WriteCloser, error) {
		name = filepath.Join(path, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return nil, err
		}
		return os.Create(name)
	}
}

// WriteOptions say which files to write. The zero value is all that the Store
// has something for.
type WriteOptions struct {
	NoRequests    bool // no request_metrics.csv, nor files of request metrics
	NoBatches     bool // no files of batch metrics
	NoUtilization bool // no files of memory, busy time and MFU
	NoSummary     bool // no summary.json, which the original has not
	NoPlots       bool // nothing in plots/

	// Subsamples, if not 0, thins the files that have a row per request: of n
	// rows each n/Subsamples-th is written.
	Subsamples int
}

// output is a file that is to be written.
type output struct {
	name   string
	encode func(e *encoder)
}

// Write writes the files of the original simulator, under its names:
//
//	request_metrics.csv                  a row per request
//	plots/<metric>.csv                   a metric's distribution: of requests, batches, operators; a time series
//	plots/replica_<i>_….json             utilization
//	batch_metrics.csv, operation_metrics.csv, cpu_operation_metrics.csv, plots/<metric>_per_batch.csv
//	                                     with Options.KeepBatches
//	summary.json                         the Summary; not of the original
//
// Numbers have all their digits. Replicas and stages are numbered from 1; with
// Options.Original the first has the number of the last and the others have one less,
// and what the original does not write is left out. The first error ends it.
func (s *Store) Write(open Open, opt WriteOptions) error {
	for _, o := range s.outputs(opt) {
		if opt.NoPlots && strings.HasPrefix(o.name, "plots/") {
			continue
		}
		if err := writeOutput(open, o); err != nil {
			return fmt.Errorf("metrics: %s: %w", o.name, err)
		}
	}
	return nil
}

func writeOutput(open Open, o output) error {
	w, err := open(o.name)
	if err != nil {
		return err
	}
	e := &encoder{w: w, buf: make([]byte, 0, encoderBuffer+4096)}
	o.encode(e)
	e.flush()
	if err := w.Close(); e.err == nil {
		e.err = err
	}
	return e.err
}

func (s *Store) outputs(opt WriteOptions) []output {
	var out []output
	if !opt.NoRequests {
		out = append(out, s.requestOutputs(opt)...)
	}
	if !opt.NoBatches {
		out = append(out, s.batchOutputs()...)
	}
	if s.ops != nil {
		out = append(out, s.operationOutputs()...)
	}
	if s.opt.TokenSeries {
		out = append(out,
			output{"plots/prefill_completion_time_series.csv", s.tokenSeries("prefill_completion", &s.prefillSeries, false)},
			output{"plots/decode_completion_time_series.csv", s.tokenSeries("decode_completion", &s.decodeSeries, true)})
	}
	if !opt.NoUtilization {
		out = append(out, s.useOutputs()...)
	}
	if !opt.NoSummary && !s.opt.Original {
		out = append(out, output{"summary.json", func(e *encoder) {
			text, err := json.MarshalIndent(s.Summary(), "", "  ")
			e.buf = append(append(e.buf, text...), '\n')
			e.err = err
		}})
	}
	return out
}

// useOutputs are a file per replica's memory and per stage's busy time and MFU.
func (s *Store) useOutputs() []output {
	var out []output
	add := func(name string, u Utilization) {
		out = append(out, output{"plots/" + name + ".json", func(e *encoder) {
			for i, v := range []struct {
				name  string
				value float64
			}{{"min", u.Min}, {"max", u.Max}, {"weighted_mean", u.Mean}} {
				e.raw([]string{`{"`, `, "`, `, "`}[i] + name + "_" + v.name + `": `)
				e.number(v.value)
			}
			e.raw("}")
		}})
	}
	uses := s.Use()
	for _, u := range uses {
		replica := fmt.Sprintf("replica_%d", s.fileNumber(u.Replica, len(uses)))
		add(replica+"_memory_usage", u.Memory)
		for j, st := range u.Stages {
			stage := fmt.Sprintf("%s_stage_%d", replica, s.fileNumber(j, len(u.Stages)))
			add(stage+"_busy_time_percent", st.Busy)
			add(stage+"_mfu", st.MFU)
		}
	}
	return out
}

// fileNumber is the number of the i-th of n in file names: from 1 on, or the
// original's, which takes i-1 for an index, where -1 is the last.
func (s *Store) fileNumber(i, n int) int {
	if s.opt.Original {
		return (i+n-1)%n + 1
	}
	return i + 1
}
