package layerwise

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	summaryColumns = []string{"name", "cuda_time_us", "pct_cuda_time", "invocations"}
	modelColumns   = []string{"name", "cpu_time_us", "cuda_time_us", "pct_cuda_time", "trace"}
)

// columnsOf tells which table a header is of, and where its columns stand; nil of
// none. There may be others, as pandas' index.
func columnsOf(header []string) (summary bool, at []int) {
	for _, names := range [][]string{modelColumns, summaryColumns} {
		at = nil
		for _, name := range names {
			if i := slices.Index(header, name); i >= 0 {
				at = append(at, i)
			}
		}
		if len(at) == len(names) {
			return len(names) == len(summaryColumns), at
		}
	}
	return false, nil
}

// unused are the columns of a header beside those of the table and pandas' index.
func unused(header []string, at []int) (names []string) {
	for i, name := range header {
		if !slices.Contains(at, i) && (i > 0 || name != "" && name != "Unnamed: 0") {
			names = append(names, name)
		}
	}
	return names
}

// csvReader is one CSV file on its way.
type csvReader struct {
	file    string
	csv     *csv.Reader
	summary bool
	at      []int // of the columns of the table, in their order
}

func (r *csvReader) fail(line int, format string, args ...any) error {
	return &Error{r.file, line, fmt.Sprintf(format, args...)}
}

// parseCSV reads a table of the profiler's and rebuilds its tree.
func parseCSV(file string, raw []byte) (*Profile, error) {
	r := &csvReader{file: file, csv: csv.NewReader(bytes.NewReader(raw))}
	header, err := r.csv.Read()
	if err != nil {
		return nil, r.broken(err)
	}
	if r.summary, r.at = columnsOf(header); r.at == nil {
		return nil, r.fail(1, "neither a layerwise profile in JSON nor one of its tables, whose columns are %s or %s",
			strings.Join(summaryColumns, ","), strings.Join(modelColumns, ","))
	}
	var flat []*Node
	for {
		row, err := r.csv.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, r.broken(err)
		}
		n, err := r.node(row)
		if err != nil {
			return nil, err
		}
		flat = append(flat, n)
	}
	p := r.profile(flat)
	if names := unused(header, r.at); names != nil {
		p.note("%s: columns that are not used: %s", filepath.Base(file), strings.Join(names, ", "))
	}
	return p, nil
}

func (r *csvReader) broken(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return r.fail(parse.Line, "%v", parse.Err)
	}
	return r.fail(0, "%v", err)
}

func (r *csvReader) profile(flat []*Node) *Profile {
	p := &Profile{File: r.file}
	_, phase, _ := csvName(r.file)
	ph := &Phase{Name: phase, Line: 1}
	switch phase {
	case "decode":
		ph.Name, ph.Step = "decode_1", 1
		p.note("%s: the table has the first decode step only", filepath.Base(r.file))
	case "":
		ph.Name = "prefill"
		p.note("%s: the name does not end in _prefill_summary_table.csv or the like, so the phase is taken for prefill", filepath.Base(r.file))
	}
	p.Phases = []*Phase{ph}
	tree, odd := rebuild(flat)
	for _, text := range odd {
		p.note("%s: %s", filepath.Base(r.file), text)
	}
	p.note("a table in CSV does not say model, device, batch and prompt, nor how many GPUs there were")
	if ph.Model = tree; r.summary {
		ph.Summary, ph.Model = tree, nil
	}
	p.finish()
	return p
}

// node reads a row.
func (r *csvReader) node(all []string) (*Node, error) {
	line, _ := r.csv.FieldPos(0)
	row := make([]string, len(r.at))
	for i, at := range r.at {
		row[i] = all[at]
	}
	n := &Node{Name: strings.ToValidUTF8(row[0], "\uFFFD"), Line: line}
	names, into := summaryColumns[1:], []*float64{&n.CUDA, &n.Percent, new(float64)}
	if !r.summary {
		names, into = modelColumns[1:4], []*float64{&n.CPU, &n.CUDA, &n.Percent}
		n.Trace = strings.ToValidUTF8(row[4], "\uFFFD")
	}
	for i, name := range names {
		v, err := strconv.ParseFloat(row[1+i], 64)
		if row[1+i] == "" {
			v, err = 0, nil // pandas writes NaN as nothing
		}
		if err != nil || v < 0 || v > math.MaxFloat64 || v != v {
			return nil, r.fail(line, "column %q: %q is no time, share or number", name, row[1+i])
		}
		*into[i] = v
	}
	if calls := *into[2]; r.summary {
		if calls != math.Trunc(calls) || calls > 1<<31 {
			return nil, r.fail(line, "column %q: %q is not a number of calls", names[2], row[3])
		}
		n.Calls = int(calls)
	}
	return n, nil
}

// module is the name of a class, with or without the shapes of its parameters;
// kernels are C++ declarations or begin with a small letter.
var module = regexp.MustCompile(`^[A-Z]\w*(\(\w+=.*\))?$`)

// kernel reports whether a row is one: it takes no time on the host and was
// launched by an operator, or has no name of a module.
func (n *Node) kernel() bool { return n.Trace != "" || n.CPU == 0 && !module.MatchString(n.Name) }

// rebuild makes a tree of the rows of a table, which are in the order of the tree
// but do not tell their depth. The GPU time of a module is the sum of what is in
// it: a module is open until its time is full. What follows a full one stands
// beside it; so modules without GPU time, which could as well stand in it, come out
// as high as they can be.
func rebuild(flat []*Node) (roots []*Node, odd []string) {
	var open []*Node
	var sums []float64
	free, loose := 0, 0
	shut := func() {
		for len(open) > 0 && sums[len(open)-1] >= open[len(open)-1].CUDA-slack(open[len(open)-1].CUDA) {
			open, sums = open[:len(open)-1], sums[:len(sums)-1]
		}
	}
	for _, n := range flat {
		for k := len(open) - 1; k >= 0 && sums[k]+n.CUDA > open[k].CUDA+slack(open[k].CUDA); k-- {
			loose++ // it does not fit into a module that is not full yet
			open, sums = open[:k], sums[:k]
		}
		if k := len(open); k > 0 {
			open[k-1].Children = append(open[k-1].Children, n)
			sums[k-1] += n.CUDA
		} else {
			roots = append(roots, n)
		}
		switch {
		case n.kernel():
			shut()
		case n.CUDA == 0:
			free++
		default:
			open, sums = append(open, n), append(sums, 0)
		}
	}
	if free > 0 {
		odd = append(odd, fmt.Sprintf("%d modules without GPU time may have stood deeper in the tree", free))
	}
	if loose > 0 || len(open) > 0 {
		odd = append(odd, fmt.Sprintf("the times of modules are not the sums of what follows them in %d places: depths there are guessed", loose+len(open)))
	}
	return roots, odd
}
