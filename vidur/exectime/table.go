package exectime

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync/atomic"

	"github.com/govidur/govidur/vidur"
)

// TableOptions are the overheads that the original simulator adds to profiled
// times. Zero fields mean its defaults, negative ones mean none.
type TableOptions struct {
	DecodeOverhead  float64 // fraction by which decode attention of several requests is slower; default 0.1
	PrefillOverhead float64 // the same for prefill attention; default 0.1
	NCCLLaunchMs    float64 // ms to launch an all-reduce; default 0.02
	NCCLSkewMs      float64 // ms per all-reduce, times TP^1.25; default 0

	// Negative lets times be negative, which otherwise are an error of the file.
	// Linear regression predicts such ones for the smallest batches, and the
	// original simulator takes them as they are.
	Negative bool
}

// Table has operator times of one model, device and tensor-parallel degree.
// It is safe for concurrent use.
type Table struct {
	options TableOptions
	rows    []vidur.StageTime // a batch starts from a copy of one; by tokens rounded up to 8, divided by 8
	kvSave  []float64         // ms by tokens
	ops     int               // tokens of the last row of the operators
	reduce  int               // tokens of the last row of the all-reduce; 0 if there is none
	decode  *grid             // ms by (requests, cached tokens)
	prefill *grid             // ms by (cached tokens, chunk)

	hasPostNorm, hasSendRecv bool

	clamped atomic.Int64
}

const perTokenOps = 9 // operators of a layer that are looked up by rounded tokens

// tableOps are the operators of ops_by_num_tokens_ms. The last three may be
// missing from the file, if no replica needs them.
var tableOps = [...]vidur.Op{
	vidur.OpAttnPreProj, vidur.OpAttnPostProj, vidur.OpMLPUp, vidur.OpMLPDown, vidur.OpMLPAct, vidur.OpAttnRope,
	vidur.OpInputNorm, vidur.OpAdd, vidur.OpKVSave, vidur.OpPostNorm, vidur.OpSendRecv, vidur.OpAllReduce,
}

const requiredOps = 9 // of tableOps

// OpenTable reads operator times in milliseconds from CSV files in dir, each
// plain or with .gz:
//
//   - ops_by_num_tokens_ms: num_tokens from 1 on, and a column per operator,
//     named as in a profile;
//   - attn_decode_ms: batch_size from 1 on, kv_cache_size from 0 on in equal
//     steps, attn_decode;
//   - attn_prefill_ms: kv_cache_size, prefill_chunk_size from 1 on, attn_prefill;
//   - all_reduce_over_4096_ms, optional: num_tokens beyond the first file in
//     steps of 8, all_reduce.
//
// The steps of kv_cache_size are what cached tokens are rounded up to. Errors
// name file, line and column.
func OpenTable(dir string, options TableOptions) (*Table, error) {
	t := &Table{options: options}
	err := errors.Join(
		openCSV(dir, "ops_by_num_tokens_ms", t.readOps),
		openCSV(dir, "attn_decode_ms", t.readDecode),
		openCSV(dir, "attn_prefill_ms", t.readPrefill))
	if err != nil {
		return nil, err
	}
	if t.reduce > 0 {
		err = openCSV(dir, "all_reduce_over_4096_ms", t.readReduce)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return t, nil
}

func (o TableOptions) withDefaults() TableOptions {
	def := func(v *float64, d float64) {
		if *v == 0 {
			*v = d
		}
		*v = max(*v, 0)
	}
	def(&o.DecodeOverhead, 0.1)
	def(&o.PrefillOverhead, 0.1)
	def(&o.NCCLLaunchMs, 0.02)
	def(&o.NCCLSkewMs, 0)
	return o
}

// Clamped is the number of look-ups so far, of all predictors of the table,
// that lay beyond it and were answered with its last row: one per operator and
// batch and stage. Where it is not 0, times are flat that should grow.
func (t *Table) Clamped() int64 { return t.clamped.Load() }

func (t *Table) readOps(r io.Reader, file string) error {
	tokens := &column{name: "num_tokens"}
	want := []*column{tokens}
	for i, op := range tableOps {
		want = append(want, &column{name: op.String(), optional: i >= requiredOps, signed: t.options.Negative})
	}
	if err := readColumns(r, file, want); err != nil {
		return err
	}
	if err := tokens.sequence(file, 1, 1); err != nil {
		return err
	}
	t.ops = len(tokens.values)
	t.rows = make([]vidur.StageTime, (t.ops+RoundTokens-1)/RoundTokens+1)
	for i, op := range tableOps {
		values := want[i+1].values
		switch {
		case values == nil:
			continue
		case op == vidur.OpKVSave:
			t.kvSave = append([]float64{0}, values...)
			continue
		case op == vidur.OpAllReduce:
			t.reduce = t.ops
		}
		t.hasPostNorm = t.hasPostNorm || op == vidur.OpPostNorm
		t.hasSendRecv = t.hasSendRecv || op == vidur.OpSendRecv
		for j := 1; j < len(t.rows); j++ {
			t.rows[j].Ops[op] = values[min(j*RoundTokens, t.ops)-1]
		}
	}
	return nil
}

func (t *Table) readReduce(r io.Reader, file string) error {
	tokens, reduce := &column{name: "num_tokens"}, &column{name: vidur.OpAllReduce.String(), signed: t.options.Negative}
	if err := readColumns(r, file, []*column{tokens, reduce}); err != nil {
		return err
	}
	last := len(t.rows) - 1
	if err := tokens.sequence(file, (last+1)*RoundTokens, RoundTokens); err != nil {
		return err
	}
	for _, ms := range reduce.values {
		row := t.rows[last] // the other operators stay at their last row
		row.Ops[vidur.OpAllReduce] = ms
		t.rows = append(t.rows, row)
	}
	t.reduce = (len(t.rows) - 1) * RoundTokens
	return nil
}

func (t *Table) readDecode(r io.Reader, file string) (err error) {
	t.decode, err = readGrid(r, file, axis{from: 1, step: 1}, axis{},
		[3]column{{name: "batch_size"}, {name: "kv_cache_size"}, {name: "attn_decode", signed: t.options.Negative}})
	return err
}

func (t *Table) readPrefill(r io.Reader, file string) (err error) {
	t.prefill, err = readGrid(r, file, axis{}, axis{from: 1, step: 1},
		[3]column{{name: "kv_cache_size"}, {name: "prefill_chunk_size"}, {name: "attn_prefill", signed: t.options.Negative}})
	return err
}

// Predictor makes a predictor for a replica. The table must be of its model,
// device and tensor-parallel degree, which the files do not say.
func (t *Table) Predictor(spec vidur.ReplicaSpec) (vidur.Predictor, error) {
	if err := checkSpec(&spec); err != nil {
		return nil, err
	}
	m, tp, pp := &spec.Model, max(spec.TP, 1), max(spec.PP, 1)
	p := &tablePredictor{
		Table: t, layers: m.Layers / pp, lastStage: pp - 1, parallel: tp > 1, postNorm: !m.NoPostNorm,
		over: t.options.Overheads(&spec),
	}
	switch {
	case p.parallel && t.reduce == 0:
		return nil, fmt.Errorf("the operator table has no column %q, which TP %d needs", vidur.OpAllReduce, tp)
	case pp > 1 && !t.hasSendRecv:
		return nil, fmt.Errorf("the operator table has no column %q, which PP %d needs", vidur.OpSendRecv, pp)
	case p.postNorm && !t.hasPostNorm:
		return nil, fmt.Errorf("the operator table has no column %q, which %s needs", vidur.OpPostNorm, m.Name)
	}
	return p, nil
}

// checkSpec reports what of a replica a predictor cannot work with.
func checkSpec(spec *vidur.ReplicaSpec) error {
	m := &spec.Model
	for _, f := range []struct {
		name string
		v    int
	}{{"layers", m.Layers}, {"hidden width", m.Hidden}, {"query heads", m.QHeads}, {"KV heads", m.KVHeads}, {"MLP width", m.FFN}} {
		if f.v <= 0 {
			return fmt.Errorf("model %q: %s %d must be positive", m.Name, f.name, f.v)
		}
	}
	if spec.TP < 0 || spec.PP < 0 {
		return fmt.Errorf("TP %d and PP %d must not be negative", spec.TP, spec.PP)
	}
	return spec.CheckParallel()
}
