package imports

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur"
)

const batchingName = "controlled-batching"

// batchingFormat is a folder of controlled-batching runs: traces, the tables that
// the scripts make of them, or logs of an engine. The nearest to the measurement is
// read: op_times.tsv and op_times_detailed.tsv lose time that the others have.
func batchingFormat() Format {
	return Format{
		Name:   batchingName,
		Text:   "folder of controlled-batching runs: results/logs_<batch size>/trace_50.json, parsed_csvs, op_times*.tsv",
		Detect: func(path string, head []byte) bool { return head == nil && len(batchingSources(path)) > 0 },
		Read:   readBatching,
	}
}

// batchingSource is one kind of file in such a folder.
type batchingSource struct {
	name  string // for --choose
	files []string
	read  func(files []string, o Options, t *Trace) error
}

// batchingSources are the kinds of files that there are, the best first. A folder
// with two files of a batch size has them; reading them says so.
func batchingSources(dir string) []batchingSource {
	var found []batchingSource
	for _, s := range []struct {
		name     string
		patterns []string
		read     func(files []string, o Options, t *Trace) error
	}{
		{"traces", []string{"results/logs_*", "logs_*"}, readBatchTraces},
		{"csv", []string{"parsed_csvs/data_*.csv", "data_*.csv"}, readBatchRows},
		{"detailed", []string{"op_times_detailed.tsv", "*/op_times_detailed.tsv"}, readBatchTable},
		{"coarse", []string{"op_times.tsv", "*/op_times.tsv"}, readBatchTable},
		{"logs", []string{"results/log_ilen_*_bsize_*.jsonl", "log_ilen_*_bsize_*.jsonl"}, readBatchLogs},
	} {
		for _, p := range s.patterns {
			files, err := byBatchOrName(filepath.Join(globQuote(dir), p), s.name)
			if err != nil {
				s.read = func([]string, Options, *Trace) error { return err }
			}
			if err != nil || len(files) > 0 {
				found = append(found, batchingSource{s.name, files, s.read})
				break
			}
		}
	}
	return found
}

// globQuote keeps the characters of a path from being a pattern.
func globQuote(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// byBatchOrName lists the files of a pattern; those with a trace only, of folders.
func byBatchOrName(pattern, name string) ([]string, error) {
	switch name {
	case "traces":
		dirs, err := byBatch(pattern)
		return slices.DeleteFunc(dirs, func(d string) bool { return stepTrace(d) == "" }), err
	case "csv":
		return byBatch(pattern)
	}
	return filepath.Glob(pattern)
}

// stepTrace is the trace of a folder that the scripts take, or else that of the
// latest step; "" where there is none.
func stepTrace(dir string) string {
	var best string
	for _, p := range []string{"trace_*.json", "trace_*.json.gz"} {
		files, err := filepath.Glob(filepath.Join(globQuote(dir), p))
		if err != nil {
			continue
		}
		for _, f := range files {
			if step := traceStep(f); step == decodeStep-1 {
				return f
			} else if best == "" || step > traceStep(best) {
				best = f
			}
		}
	}
	return best
}

func traceStep(path string) int { return firstDigits(filepath.Base(path)) }

func readBatching(path string, o Options) (*Trace, error) {
	sources := batchingSources(path)
	if len(sources) == 0 {
		return nil, errorAt(path, 0, "neither results/logs_<batch size>/trace_<step>.json nor parsed_csvs/data_<batch size>.csv nor op_times.tsv nor log_ilen_<n>_bsize_<n>.jsonl")
	}
	at := 0
	if o.Choose != "" {
		at = slices.IndexFunc(sources, func(s batchingSource) bool { return s.name == o.Choose })
	}
	var names []string
	for _, s := range sources {
		names = append(names, s.name)
	}
	if at < 0 {
		return nil, errorAt(path, 0, "no %q; there are %s", o.Choose, strings.Join(names, ", "))
	}
	s := sources[at]
	t := &Trace{Format: batchingName, File: path, Layers: o.Layers}
	if err := s.read(s.files, o, t); err != nil {
		return nil, err
	}
	if more := slices.Delete(names, at, at+1); len(more) > 0 {
		t.note("read from %s (%d), not from %s; --choose takes another", s.name, len(s.files), strings.Join(more, ", "))
	}
	if s.name == "traces" || s.name == "csv" {
		compareTables(t, sources[at+1:])
	}
	return t, nil
}

// readBatchRows reads the kernels of each batch size.
func readBatchRows(files []string, o Options, t *Trace) error {
	for _, f := range files {
		one, err := readKernelRows(f, o)
		if err != nil {
			return err
		}
		t.take(one)
	}
	return nil
}

// take appends what another file has, and its notes where they are new.
func (t *Trace) take(from *Trace) {
	t.Steps = append(t.Steps, from.Steps...)
	for _, n := range from.Notes {
		if !slices.Contains(t.Notes, n) {
			t.Notes = append(t.Notes, n)
		}
	}
	for _, m := range from.Missing {
		if !slices.Contains(t.Missing, m) {
			t.Missing = append(t.Missing, m)
		}
	}
	t.Device, t.Layers, t.Ordered = cmp.Or(t.Device, from.Device), max(t.Layers, from.Layers), from.Ordered
}

func readBatchTable(files []string, o Options, t *Trace) error {
	if len(files) > 1 {
		return errorAt(files[1], 0, "a second table beside %s: name the one", files[0])
	}
	one, err := readOpTimes(files[0], o)
	if err != nil {
		return err
	}
	t.take(one)
	return nil
}

// readBatchTraces reads the trace of one step of each batch size.
func readBatchTraces(dirs []string, o Options, t *Trace) error {
	o.Choose = "" // which of the sources it was, not which GPU
	for _, dir := range dirs {
		file := stepTrace(dir)
		o := o
		o.Batch = firstDigits(filepath.Base(dir))
		if o.Cached == 0 {
			o.Cached = tracePrompt(t, &o) + traceStep(file) + 1
		}
		one, err := readKineto(file, o)
		if err != nil {
			return err
		}
		for i := range one.Steps {
			s := &one.Steps[i]
			s.Name = fmt.Sprintf("decode_%d", o.Batch)
			s.Prefill, s.Requests, s.Tokens, s.Cached = false, o.Batch, o.Batch, o.Cached
		}
		one.Missing = append(one.Missing, vidur.OpLMHead.String())
		t.take(one)
	}
	t.note("traces of one decode step of each batch size, around the model only: logits and sampling are not in them, and the analytic model stands in")
	return nil
}

// tracePrompt is the prompt of traces whose names say which step they are of, from 0.
func tracePrompt(t *Trace, o *Options) int {
	if o.Prompt > 0 {
		return o.Prompt
	}
	t.note("prompts of %d tokens, as of decode_exp.sh, and a token for each step up to that of the trace are cached: --prompt or --cached says another", defaultPrompt)
	return defaultPrompt
}

// compareTables says by how much the tables of the scripts differ from the kernels.
func compareTables(t *Trace, sources []batchingSource) {
	for _, s := range sources {
		if s.name != "detailed" && s.name != "coarse" {
			continue
		}
		raw, err := readWhole(s.files[0])
		if err != nil {
			continue
		}
		table, err := parseOpTimes(s.files[0], raw)
		if err != nil {
			t.note("%v", err)
			continue
		}
		table.against(t)
	}
}

// against notes the batch size at which a table lacks the most of the kernels' time.
func (t *opTimes) against(trace *Trace) {
	var worst, has, want float64
	batch := 0
	for i := range t.rows {
		r := &t.rows[i]
		for j := range trace.Steps {
			if s := &trace.Steps[j]; s.Requests == r.batch {
				sum, kernels := r.sum()*usPerMs, s.Time()
				if d := math.Abs(kernels-sum) / max(kernels, 1); d >= worst {
					worst, has, want, batch = d, sum, kernels, r.batch
				}
			}
		}
	}
	if batch > 0 {
		trace.note("%s has %.1f of the kernels' %.1f µs at batch size %d, where it differs the most: the scripts lose memory sets and copies", t.file, has, want, batch)
	}
}

func (r *opTimesRow) sum() float64 {
	var sum float64
	for _, v := range r.ms {
		sum += v
	}
	return sum
}
