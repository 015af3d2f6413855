package imports

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur"
)

const kernelRowsName = "kernel-rows"

// kernelRowsFormat is parsed_csvs/data_<batch size>.csv of controlled-batching runs:
// the kernels of one decode step, a row each, or a row for all calls of one shape.
func kernelRowsFormat() Format {
	return Format{
		Name: kernelRowsName,
		Text: "parsed_csvs/data_<batch size>.csv of controlled-batching runs",
		Detect: func(_ string, head []byte) bool {
			return headerHas(head, "kernel", "gdim") || headerHas(head, "kernel", "dur")
		},
		Read: readKernelRows,
	}
}

// headerHas reports whether the first line of a file is of comma-separated names
// with these among them.
func headerHas(head []byte, want ...string) bool {
	line, _, _ := strings.Cut(strings.TrimPrefix(string(head), "\ufeff"), "\n")
	names := strings.Split(strings.TrimSpace(line), ",")
	for i := range names {
		names[i] = strings.Trim(names[i], ` "`)
	}
	return !slices.ContainsFunc(want, func(w string) bool { return !slices.Contains(names, w) })
}

func readKernelRows(path string, o Options) (*Trace, error) {
	t := &Trace{Format: kernelRowsName, File: path, Layers: o.Layers, Missing: []string{vidur.OpLMHead.String()}}
	batch, err := batchOf(path, o)
	if err != nil {
		return nil, err
	}
	raw, err := readWhole(path)
	if err != nil {
		return nil, err
	}
	kernels, ordered, err := parseKernelRows(path, raw)
	if err != nil {
		return nil, err
	}
	t.Ordered = ordered
	if !ordered {
		t.note("rows are of all calls of a kernel of one shape: GEMMs and norms, which their order would tell apart, are divided by the analytic model's shares")
	}
	s := Step{Name: fmt.Sprintf("decode_%d", batch), Requests: batch, Tokens: batch, Cached: decodeContext(t, o), Kernels: kernels}
	t.Steps = append(t.Steps, s)
	t.note("one decode step, without repetition, clocks locked; without logits and sampling, which the analytic model stands in for")
	return t, nil
}

// parseKernelRows reads kernels, in the order of their launches where there is a row
// for each. Rows of memory sets and copies have blank cells for what only kernels
// have.
func parseKernelRows(path string, raw []byte) (kernels []Kernel, ordered bool, err error) {
	s, err := parseCSV(path, raw, "kernel", "dur")
	if err != nil {
		return nil, false, err
	}
	names, times := s.words("kernel"), s.durations("dur")
	calls := slices.Repeat([]int{1}, s.Rows())
	when := make([]float64, s.Rows())
	switch {
	case s.Has("num_calls"): // a row for all calls of a kernel of one shape
		calls = s.counts("num_calls", 1)
	case s.Has("time_stamp"):
		when, ordered = s.numbers("time_stamp", 0), true
	default:
		return nil, false, errorAt(path, 1, "no column time_stamp or num_calls; there are %s", strings.Join(s.Names, ", "))
	}
	if s.err != nil {
		return nil, false, s.err
	}
	order := make([]int, s.Rows())
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(when[a], when[b]) })
	kernels = make([]Kernel, len(order))
	for i, at := range order {
		if names[at] == "" {
			return nil, false, errorAt(path, s.Lines[at], "a kernel without a name")
		}
		kernels[i] = Kernel{Name: names[at], Calls: calls[at], Time: times[at] * float64(calls[at]), Line: s.Lines[at]}
	}
	return kernels, ordered, nil
}

// byBatch lists the files of a pattern by the batch size in their names, and is an
// error where two have the same.
func byBatch(pattern string) (files []string, err error) {
	files, err = filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	files = slices.DeleteFunc(files, func(f string) bool { return firstDigits(filepath.Base(f)) == 0 })
	slices.SortStableFunc(files, func(a, b string) int {
		return cmp.Compare(firstDigits(filepath.Base(a)), firstDigits(filepath.Base(b)))
	})
	for i, f := range files[min(1, len(files)):] {
		if firstDigits(filepath.Base(f)) == firstDigits(filepath.Base(files[i])) {
			return nil, errorAt(f, 0, "the same batch size as %s", files[i])
		}
	}
	return files, nil
}
