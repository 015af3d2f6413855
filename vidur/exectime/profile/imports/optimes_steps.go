package imports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur"
)

// steps makes a decode step of each row. Columns that are of several operators are
// shared out as the analytic model has them.
func (t *opTimes) steps(trace *Trace, o Options) error {
	ref, err := newReference(o)
	if err != nil {
		return errorAt(t.file, 0, "%v", err)
	}
	cached := decodeContext(trace, o)
	for i := range t.rows {
		r := &t.rows[i]
		s := Step{Name: fmt.Sprintf("decode_%d", r.batch), Requests: r.batch, Tokens: r.batch, Cached: cached}
		for j, name := range t.names {
			ops, known := opTimesColumns[name]
			if !known || r.ms[j] == 0 {
				continue
			}
			if ops == nil {
				ops = t.rest(o)
			}
			k := Kernel{Name: name, Op: "other", Calls: 1, Time: r.ms[j] * usPerMs, Line: r.line}
			s.Kernels = append(s.Kernels, ref.share(k, ops, &s)...)
		}
		trace.Steps = append(trace.Steps, s)
	}
	trace.Missing = append(trace.Missing, vidur.OpLMHead.String())
	t.notes(trace, ref)
	return nil
}

// rest are the operators whose time is in the column others. vLLM adds the residual
// in the kernel of the norm.
func (t *opTimes) rest(o Options) []vidur.Op {
	ops := []vidur.Op{vidur.OpInputNorm, vidur.OpPostNorm, vidur.OpMLPAct, vidur.OpKVSave, vidur.OpEmbed}
	if !t.detailed {
		ops = append(ops, vidur.OpAttnRope)
	}
	if o.Spec.TP > 1 {
		ops = append(ops, vidur.OpAllReduce)
	}
	return ops
}

// notes says what is known to be wrong with such tables.
func (t *opTimes) notes(trace *Trace, ref *reference) {
	trace.note("one decode step of each batch size, without repetition, clocks locked; without logits and sampling, which the analytic model stands in for")
	trace.note("the time of memory sets and copies is missing: the scripts lose it. The traces themselves, or parsed_csvs/data_*.csv, have it")
	if ref == nil {
		trace.note("columns of several operators (%s) are not broken down: that takes --model and --device", strings.Join(t.joint(), ", "))
	} else {
		trace.note("columns of several operators (%s) are shared out over them as the analytic model has them", strings.Join(t.joint(), ", "))
	}
	var unused []string
	for _, n := range t.names {
		if _, known := opTimesColumns[n]; !known && n != "batch_size" {
			unused = append(unused, n)
		}
	}
	if unused != nil {
		trace.note("columns that are not used: %s", strings.Join(unused, ", "))
	}
	if t.detailed {
		trace.note("the scripts compare time stamps as text, and of two kernels with one time stamp they count one")
	}
	t.empty(trace)
	if ref != nil {
		t.doubt(trace, ref)
	}
}

// joint are the columns that are of several operators.
func (t *opTimes) joint() []string {
	var list []string
	for _, n := range t.names {
		if ops, known := opTimesColumns[n]; known && len(ops) != 1 {
			list = append(list, n)
		}
	}
	return list
}

// empty says which columns have no time in any row, and why that may be.
func (t *opTimes) empty(trace *Trace) {
	for i, n := range t.names {
		_, known := opTimesColumns[n]
		if !known || slices.ContainsFunc(t.rows, func(r opTimesRow) bool { return r.ms[i] > 0 }) {
			continue
		}
		why := "no kernel has such a name; it is in others then"
		switch n {
		case "attention", "paged_attention":
			why = "the scripts know attention by that word, so flash_fwd kernels are in others"
		case "rope":
			why = "the scripts wait for a kernel named rotary, and what comes after it is in others"
		}
		trace.note("column %s is 0 in every row: %s", n, why)
	}
}
