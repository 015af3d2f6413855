package profile

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur"
)

// computeOps are the operators of mlp.csv, in the order of a layer. The last
// three may lack their column, or have blanks there: models without them.
var computeOps = [...]vidur.Op{
	vidur.OpAttnPreProj, vidur.OpAttnPostProj, vidur.OpAttnRope, vidur.OpMLPUp, vidur.OpMLPDown, vidur.OpMLPAct,
	vidur.OpInputNorm, vidur.OpPostNorm, vidur.OpAdd,
}

var cpuOps = [...]vidur.Op{
	vidur.OpSchedule, vidur.OpSampler, vidur.OpPrepareInputs, vidur.OpProcessOutputs, vidur.OpComm,
}

func mayLack(op vidur.Op) bool {
	return op == vidur.OpInputNorm || op == vidur.OpPostNorm || op == vidur.OpAdd || op == vidur.OpKVSave
}

// medianColumn is the name of the column of an operator's median time.
func medianColumn(op vidur.Op) string { return "time_stats." + op.String() + ".median" }

const tpColumn = "num_tensor_parallel_workers"

// keep filters rows. Without any left it gives an error, or, when reading
// leniently, a note and nil.
func (r *reader) keep(f *rows, what string, filters ...filter) (*rows, error) {
	for _, c := range filters {
		r.used = append(r.used, what+" "+c.column+"="+c.want())
	}
	kept, err := f.filter(what, filters...)
	return kept, r.lenient(err)
}

// lenient turns the errors that a lenient reader gets over into notes.
func (r *reader) lenient(err error) error {
	var empty *EmptyError
	var unit *UnitError
	if r.opt.Lenient && (errors.As(err, &empty) || errors.As(err, &unit)) {
		r.note("%v", err)
		return nil
	}
	return err
}

func (r *reader) compute(f *rows) error {
	m := &r.spec.Model
	gated := filter{column: "use_gated_mlp"}
	if m.Gated {
		gated.number = 1
	}
	kept, err := r.keep(f, "GEMMs and pointwise operators",
		filter{column: "n_head", number: float64(m.QHeads)},
		filter{column: "n_kv_head", number: float64(m.KVHeads)},
		filter{column: "n_embd", number: float64(m.Hidden)},
		filter{column: "n_expanded_embd", number: float64(m.FFN)},
		gated,
		filter{column: "vocab_size", number: float64(m.Vocab)},
		filter{column: tpColumn, number: float64(r.spec.TP)})
	if kept == nil || err != nil {
		return err
	}
	tokens, err := kept.key(NumTokens)
	if err != nil {
		return err
	}
	ops := slices.Clip(computeOps[:])
	if r.imported {
		ops = append(ops, vidur.OpEmbed)
	}
	if kept.Has(medianColumn(vidur.OpKVSave)) {
		ops = append(ops, vidur.OpKVSave)
	}
	for _, op := range ops {
		if err := r.add(kept, op, medianColumn(op), []string{NumTokens}, tokens); err != nil {
			return err
		}
	}
	return r.head(kept, tokens)
}

func (r *reader) attention(f *rows) error {
	m := &r.spec.Model
	kept, err := r.keep(f, "attention",
		filter{column: "n_embd", number: float64(m.Hidden)},
		filter{column: "n_q_head", number: float64(m.QHeads)},
		filter{column: "n_kv_head", number: float64(m.KVHeads)},
		filter{column: tpColumn, number: float64(r.spec.TP)})
	if kept == nil || err != nil {
		return err
	}
	if kept, err = r.blockSize(kept); kept == nil || err != nil {
		return err
	}
	if list := kept.backends(); len(list) > 1 {
		r.note("%s: rows of several kernels are taken together: %s = %s", f.File, backendColumn, strings.Join(list, ", "))
	}
	batch, err := kept.key(BatchSize)
	if err != nil {
		return err
	}
	chunk, err := kept.key("prefill_chunk_size")
	if err != nil {
		return err
	}
	tokens := make([]float64, len(batch))
	for i := range tokens {
		tokens[i] = max(batch[i], chunk[i])
	}
	if r.set.Ops[vidur.OpKVSave] == nil {
		if err := r.add(kept, vidur.OpKVSave, medianColumn(vidur.OpKVSave), []string{NumTokens}, tokens); err != nil {
			return err
		}
	}
	if err := r.prefill(kept, chunk); err != nil {
		return err
	}
	return r.decode(kept, batch, chunk)
}

// blockSize keeps the rows of one block size: the one that was asked for, or the
// nearest that there is.
func (r *reader) blockSize(f *rows) (*rows, error) {
	const column = "block_size"
	sizes, err := f.Floats(column)
	if err != nil {
		return nil, err
	}
	want := float64(r.opt.BlockSize)
	if !r.opt.Strict {
		want = nearest(distinct(sizes, f.at), want)
		if want != float64(r.opt.BlockSize) {
			r.note("%s: no rows with %s = %d: those with %s were taken", f.File, column, r.opt.BlockSize, formatNumber(want))
		}
	}
	return r.keep(f, "attention", filter{column: column, number: want})
}

const backendColumn = "attention_backend"

// backends are the kernels that attention was measured with, if the file says so.
func (f *rows) backends() []string {
	names, err := f.Text(backendColumn)
	if err != nil {
		return nil
	}
	return distinct(names, f.at)
}

// nearest is the positive value with the least ratio to want, or want.
func nearest(values []float64, want float64) float64 {
	best, away := want, math.Inf(1)
	for _, v := range values {
		if d := math.Abs(math.Log(v / want)); v > 0 && d < away {
			best, away = v, d
		}
	}
	return best
}

func (r *reader) prefill(f *rows, chunk []float64) error {
	kept := f.where(func(i int) bool { return chunk[i] != 0 })
	if len(kept.at) == 0 {
		return r.lenient(&EmptyError{File: f.File, What: "prefill attention", Filter: "prefill_chunk_size", Want: "not 0", Have: []string{"0"}})
	}
	var squares []float64
	for _, c := range chunk {
		if c != 0 {
			squares = append(squares, c*c)
		}
	}
	cached, err := kept.key(KVCacheSize)
	if err != nil {
		return err
	}
	op := vidur.OpAttnPrefill
	return r.add(kept, op, medianColumn(op), []string{KVCacheSize, ChunkSquared}, cached, squares)
}

func (r *reader) decode(f *rows, batch, chunk []float64) error {
	kept := f.where(func(i int) bool { return chunk[i] == 0 })
	if len(kept.at) == 0 {
		chunks, _ := f.Floats("prefill_chunk_size") // read before
		var have []string
		for _, c := range distinct(chunks, f.at) {
			have = append(have, formatNumber(c))
		}
		return r.lenient(&EmptyError{File: f.File, What: "decode attention", Filter: "prefill_chunk_size", Want: "0", Have: list(have)})
	}
	var batches []float64
	for i, b := range batch {
		if chunk[i] == 0 {
			batches = append(batches, b)
		}
	}
	cached, err := kept.key(KVCacheSize)
	if err != nil {
		return err
	}
	op := vidur.OpAttnDecode
	return r.add(kept, op, medianColumn(op), []string{BatchSize, KVCacheSize}, batches, cached)
}

// allReduce takes the rows of as many devices as share a layer, with as many of
// them in a node as the node has.
func (r *reader) allReduce(f *rows) error {
	return r.collective(f, vidur.OpAllReduce,
		filter{column: "num_workers", number: float64(r.spec.TP)}, filter{column: "devices_per_node", number: float64(r.near())})
}

// near is how many of the devices that share a layer are in each node.
func (r *reader) near() int {
	if n := r.spec.Node.Devices; n > 0 {
		return min(r.spec.TP, n)
	}
	return r.spec.TP
}

// sendRecv takes the rows between two devices of a node; of one device each in
// two nodes when the replica needs more than a node.
func (r *reader) sendRecv(f *rows) error {
	perNode := 2.0
	if r.several() {
		perNode = 1
	}
	return r.collective(f, vidur.OpSendRecv, filter{column: "devices_per_node", number: perNode})
}

// several reports whether the replica needs more than one node.
func (r *reader) several() bool {
	n := r.spec.Node.Devices
	return n > 0 && r.spec.TP*r.spec.PP > n
}

func (r *reader) collective(f *rows, op vidur.Op, filters ...filter) error {
	if f.Has("collective") {
		filters = append(filters, filter{column: "collective", word: op.String()})
	} else {
		r.note("%s: no column %q: all rows are taken for %s", f.File, "collective", op)
	}
	kept, err := r.keep(f, op.String(), filters...)
	if kept == nil || err != nil {
		return err
	}
	tokens, err := kept.key("size")
	if err != nil {
		return err
	}
	if r.spec.Model.Hidden <= 0 {
		return fmt.Errorf("model %q has no width, by which the bytes of %s become tokens", r.spec.Model.Name, op)
	}
	for i := range tokens {
		tokens[i] = tokens[i] / float64(r.spec.Model.Hidden) / 2
	}
	return r.add(kept, op, medianColumn(op), []string{NumTokens}, tokens)
}

func (r *reader) cpu(f *rows) error {
	kept, err := r.keep(f, "CPU operators",
		filter{column: "model_name", word: r.spec.Model.Name},
		filter{column: "tensor_parallel_degree", number: float64(r.spec.TP)})
	if kept == nil || err != nil {
		return err
	}
	batch, err := kept.key(BatchSize)
	if err != nil {
		return err
	}
	for _, op := range cpuOps {
		if !names(kept.Names, op) {
			r.note("%s: no column of %s: it has no times", f.File, op)
			continue
		}
		if err := r.add(kept, op, cpuColumn(op), []string{BatchSize}, batch); err != nil {
			return err
		}
	}
	return nil
}

// names reports whether columns are of a CPU operator. Files that are measured
// without a serving engine lack some of them.
func names(columns []string, op vidur.Op) bool {
	return slices.ContainsFunc(columns, func(c string) bool { return strings.HasPrefix(c, op.String()) })
}

// cpuColumn is the name of the column of a CPU operator's time.
func cpuColumn(op vidur.Op) string {
	if op == vidur.OpComm {
		return op.String() + "_mean"
	}
	return op.String() + "_median"
}

// add makes the samples of an operator from rows and its features.
func (r *reader) add(f *rows, op vidur.Op, column string, features []string, x ...[]float64) error {
	if r.imported {
		return r.addImported(f, op, column, features, x)
	}
	s := &Samples{Op: op, Features: features, X: x, File: f.File, Lines: f.lines()}
	if mayLack(op) && !f.Has(column) {
		r.note("%s: no column %q: %s is read as 0", f.File, column, op)
		s.Y = make([]float64, len(f.at))
	} else {
		var err error
		if s.Y, err = f.times(column, mayLack(op)); err != nil {
			return err
		}
	}
	for i := range x {
		x[i] = slices.Clone(x[i]) // samples share nothing
	}
	r.noteZeros(s)
	if err := r.checkUnit(s); err != nil {
		return r.lenient(err)
	}
	r.set.Ops[op] = s
	return nil
}

// noteZeros says that some times are 0, and not all: none takes no time.
func (r *reader) noteZeros(s *Samples) {
	zero := tally{}
	for i, ms := range s.Y {
		if ms == 0 {
			zero.add(s.Lines[i])
		}
	}
	if zero.n > 0 && zero.n < len(s.Y) {
		r.note("%s:%d: %s: times of 0: %d of %d; they are taken as they are", s.File, zero.line, s.Op, zero.n, len(s.Y))
	}
}

// sum hashes what the samples hold.
func (r *reader) sum() [32]byte {
	h := sha256.New()
	fmt.Fprintf(h, "profile 1\n%s\n", strings.Join(r.used, "\n"))
	for op, s := range r.set.Ops {
		if s == nil {
			continue
		}
		fmt.Fprintf(h, "%v %v %d\n", vidur.Op(op), s.Features, len(s.Y))
		buf := make([]byte, 0, 8*len(s.Y))
		for _, column := range append(append([][]float64(nil), s.X...), s.Y) {
			buf = buf[:0]
			for _, v := range column {
				buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(v))
			}
			h.Write(buf)
		}
	}
	return [32]byte(h.Sum(nil))
}
