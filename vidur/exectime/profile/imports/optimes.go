package imports

import (
	"cmp"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/govidur/govidur/vidur"
)

// Controlled-batching runs (github.com/bgautham4/vllm, branch latest-profiler) leave
// these tables: milliseconds of one decode step, over all layers, by batch size.
const (
	opTimesName = "op-times"
	// decodeStep is the step that the scripts keep, trace_50.json: the 51st.
	decodeStep = 51
	// defaultPrompt is the prompt of decode_exp.sh, tokens.
	defaultPrompt = 32
)

// opTimesFormat is op_times.tsv or op_times_detailed.tsv.
func opTimesFormat() Format {
	return Format{
		Name:   opTimesName,
		Text:   "op_times.tsv or op_times_detailed.tsv of controlled-batching runs",
		Detect: func(_ string, head []byte) bool { return isOpTimes(head) },
		Read:   readOpTimes,
	}
}

// opTimesColumns are the columns and the operators whose time is in them. More than
// one share it; none at all means all others that a table does not name.
var opTimesColumns = map[string][]vidur.Op{
	"attention":       {vidur.OpAttnDecode},
	"linear":          {vidur.OpAttnPreProj, vidur.OpAttnPostProj, vidur.OpMLPUp, vidur.OpMLPDown},
	"kqv_proj":        {vidur.OpAttnPreProj},
	"rope":            {vidur.OpAttnRope},
	"paged_attention": {vidur.OpAttnDecode},
	"o_proj":          {vidur.OpAttnPostProj},
	"gated_up_proj":   {vidur.OpMLPUp},
	"down_proj":       {vidur.OpMLPDown},
	"others":          nil,
}

// The columns of the two tables.
var (
	coarseColumns   = []string{"batch_size", "attention", "linear", "others"}
	detailedColumns = []string{"batch_size", "kqv_proj", "rope", "paged_attention", "o_proj", "gated_up_proj", "down_proj", "others"}
)

func isOpTimes(head []byte) bool {
	line, _, _ := strings.Cut(strings.TrimPrefix(string(head), "\ufeff"), "\n")
	return opTimesKind(strings.Fields(line)) != nil
}

// opTimesKind is which of the tables a header is of, or nil. Names may be in any
// order, and there may be more of them.
func opTimesKind(names []string) []string {
	for _, want := range [][]string{detailedColumns, coarseColumns} {
		found := 0
		for _, c := range want {
			if slices.Contains(names, c) {
				found++
			}
		}
		if found == len(want) || found > 2 && names[0] == "batch_size" {
			return want
		}
	}
	return nil
}

// opTimes is a table that was read.
type opTimes struct {
	file     string
	detailed bool
	names    []string
	rows     []opTimesRow // by batch size
}

type opTimesRow struct {
	batch, line int
	ms          []float64 // by name; the batch size stays 0
}

func readOpTimes(path string, o Options) (*Trace, error) {
	raw, err := readWhole(path)
	if err != nil {
		return nil, err
	}
	table, err := parseOpTimes(path, raw)
	if err != nil {
		return nil, err
	}
	t := &Trace{Format: opTimesName, File: path, Layers: o.Layers}
	if err := table.steps(t, o); err != nil {
		return nil, err
	}
	return t, nil
}

// parseOpTimes reads a table whose cells are apart by runs of blanks and tabs.
func parseOpTimes(file string, raw []byte) (*opTimes, error) {
	t := &opTimes{file: file}
	for i, line := range strings.Split(strings.TrimPrefix(string(raw), "\ufeff"), "\n") {
		cells := strings.Fields(line)
		if len(cells) == 0 {
			continue
		}
		if t.names == nil {
			if err := t.header(cells, i+1); err != nil {
				return nil, err
			}
			continue
		}
		if err := t.row(cells, i+1); err != nil {
			return nil, err
		}
	}
	switch {
	case t.names == nil:
		return nil, errorAt(file, 1, "empty file")
	case len(t.rows) == 0:
		return nil, errorAt(file, 1, "a header and no rows")
	}
	slices.SortStableFunc(t.rows, func(a, b opTimesRow) int { return cmp.Compare(a.batch, b.batch) })
	for i := range t.rows[1:] {
		if a, b := &t.rows[i], &t.rows[i+1]; a.batch == b.batch {
			return nil, errorAt(file, b.line, "batch size %d again, as in line %d: the scripts take the first digits of the whole path, so runs in a folder with digits in its name get those", b.batch, a.line)
		}
	}
	return t, nil
}

func (t *opTimes) header(cells []string, line int) error {
	want := opTimesKind(cells)
	if want == nil {
		return errorAt(t.file, line, "columns %s are neither %s nor %s", strings.Join(cells, " "), strings.Join(coarseColumns, " "), strings.Join(detailedColumns, " "))
	}
	for i, c := range cells {
		if slices.Contains(cells[:i], c) {
			return errorAt(t.file, line, "column %q is given twice", c)
		}
	}
	for _, c := range want {
		if !slices.Contains(cells, c) {
			return errorAt(t.file, line, "no column %q", c)
		}
	}
	t.names, t.detailed = cells, slices.Contains(want, "kqv_proj")
	return nil
}

func (t *opTimes) row(cells []string, line int) error {
	if len(cells) != len(t.names) {
		return errorAt(t.file, line, "%d cells where the header has %d", len(cells), len(t.names))
	}
	r := opTimesRow{line: line, ms: make([]float64, len(cells))}
	for i, c := range cells {
		if _, known := opTimesColumns[t.names[i]]; !known && t.names[i] != "batch_size" {
			continue
		}
		v, err := strconv.ParseFloat(c, 64)
		if err != nil || !(v >= 0 && v <= maxTime) {
			return errorAt(t.file, line, "column %q: %q is not a number from 0 to %v", t.names[i], c, maxTime)
		}
		if t.names[i] != "batch_size" {
			r.ms[i] = v
			continue
		}
		if v < 1 || v != math.Trunc(v) || v > maxCount {
			return errorAt(t.file, line, "column %q: %q is not a batch size", t.names[i], c)
		}
		r.batch = int(v)
	}
	t.rows = append(t.rows, r)
	return nil
}

// decodeContext is the tokens of each request before the step that the scripts
// keep: the prompt and those of the steps before.
func decodeContext(t *Trace, o Options) int {
	switch {
	case o.Cached > 0:
		return o.Cached
	case o.Prompt > 0:
		return o.Prompt + decodeStep
	}
	t.note("contexts of %d tokens: decode_exp.sh's prompt of %d and the %d steps up to the one that it keeps; --prompt or --cached says another", defaultPrompt+decodeStep, defaultPrompt, decodeStep)
	return defaultPrompt + decodeStep
}

// firstDigits is the first number in a name, or 0.
func firstDigits(name string) int {
	n, err := strconv.Atoi(digits.FindString(name))
	if err != nil {
		return 0
	}
	return n
}

var digits = regexp.MustCompile(`[0-9]+`)

// batchOf is the batch size in the name of a file of controlled-batching runs.
func batchOf(path string, o Options) (int, error) {
	if n := firstDigits(filepath.Base(path)); n > 0 {
		return n, nil
	}
	if o.Batch > 0 {
		return o.Batch, nil
	}
	return 0, errorAt(path, 0, "the name says no batch size, as data_8.csv does; --batch does")
}
