package profile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur"
)

// expected compares a column with what the model's shape says.
type expected struct {
	column string
	value  int
}

// shapeColumns finds rows of another model.
func (k *checker) shapeColumns(want ...expected) error {
	if k.model.Name == "" {
		return nil
	}
	for _, w := range want {
		values, err := k.t.Floats(w.column)
		if err != nil {
			return err
		}
		var other tally
		var has float64
		for i, v := range values {
			if v != float64(w.value) {
				if other.n == 0 {
					has = v
				}
				other.add(k.t.Lines[i])
			}
		}
		if other.n > 0 {
			k.find(Error, "shape", other.line, "", "%s = %s where %s has %d: %d of %d rows, which are not read for it",
				w.column, formatNumber(has), k.model.Name, w.value, other.n, len(values))
		}
	}
	return nil
}

// keys are the named columns of all rows.
func (k *checker) keys(names ...string) (map[string][]float64, error) {
	all := k.all()
	out := map[string][]float64{}
	for _, name := range names {
		values, err := all.key(name)
		if err != nil {
			return nil, err
		}
		out[name] = values
	}
	return out, nil
}

// all are the rows of the file.
func (k *checker) all() *rows {
	all := &rows{Table: k.t}
	for i := range k.t.Rows() {
		all.at = append(all.at, i)
	}
	return all
}

// medians are the times of an operator; nil, and a finding, without a column.
func (k *checker) medians(op vidur.Op, column string) ([]float64, error) {
	if !k.t.Has(column) {
		if k.imported {
			return nil, nil
		}
		severity, text := Error, "Read refuses the file"
		switch {
		case mayLack(op):
			severity, text = Info, "Read takes 0"
		case slices.Contains(cpuOps[:], op) && !names(k.t.Names, op):
			severity, text = Info, "it has no times"
		}
		k.find(severity, "missing", 1, op.String(), "no column %q; %s", column, text)
		return nil, nil
	}
	return k.t.Floats(column)
}

// copies counts rows that are equal to an earlier one.
func (k *checker) copies() {
	unique := k.t.Unique()
	n := k.t.Rows() - len(unique)
	if n == 0 {
		return
	}
	line := 0
	for i, row := range unique {
		if row != i {
			line = k.t.Lines[i]
			break
		}
	}
	if line == 0 {
		line = k.t.Lines[len(unique)]
	}
	k.find(Info, "copies", line, "", "rows that are equal to an earlier one, and are dropped: %d of %d", n, k.t.Rows())
}

func (k *checker) compute() error {
	m := &k.model
	gated := 0
	if m.Gated {
		gated = 1
	}
	if err := k.shapeColumns(expected{"n_head", m.QHeads}, expected{"n_kv_head", m.KVHeads}, expected{"n_embd", m.Hidden},
		expected{"n_expanded_embd", m.FFN}, expected{"use_gated_mlp", gated}, expected{"vocab_size", m.Vocab}); err != nil {
		return err
	}
	c, err := k.keys(NumTokens, tpColumn, "n_head", "n_kv_head", "n_embd", "n_expanded_embd", "use_gated_mlp")
	if err != nil {
		return err
	}
	k.copies()
	shapes := make([]shape, k.t.Rows())
	for i := range shapes {
		m := vidur.Model{Hidden: int(c["n_embd"][i]), QHeads: int(c["n_head"][i]), KVHeads: int(c["n_kv_head"][i]),
			FFN: int(c["n_expanded_embd"][i]), Gated: c["use_gated_mlp"][i] != 0, HeadDim: k.model.HeadDim}
		shapes[i] = shapeOf(&m, max(int(c[tpColumn][i]), 1))
	}
	for _, op := range computeOps {
		ms, err := k.medians(op, medianColumn(op))
		if err != nil {
			return err
		}
		for i := range ms {
			k.add(op, tpLabel(c[tpColumn][i]), shapes[i], k.t.Lines[i], ms[i], c[NumTokens][i])
		}
	}
	k.grid(c[tpColumn], c[NumTokens], NumTokens, "TP", true)
	k.judge()
	return nil
}

func tpLabel(tp float64) string { return "TP " + formatNumber(tp) }

func (k *checker) attention() error {
	m := &k.model
	if err := k.shapeColumns(expected{"n_q_head", m.QHeads}, expected{"n_kv_head", m.KVHeads}, expected{"n_embd", m.Hidden}); err != nil {
		return err
	}
	c, err := k.keys(tpColumn, "block_size", "n_q_head", "n_kv_head", "n_embd", BatchSize, "prefill_chunk_size", KVCacheSize)
	if err != nil {
		return err
	}
	k.copies()
	k.backends()
	shapes, labels := make([]shape, k.t.Rows()), make([]string, k.t.Rows())
	for i := range shapes {
		m := vidur.Model{Hidden: int(c["n_embd"][i]), QHeads: int(c["n_q_head"][i]), KVHeads: int(c["n_kv_head"][i]), HeadDim: k.model.HeadDim}
		shapes[i] = shapeOf(&m, max(int(c[tpColumn][i]), 1))
		labels[i] = tpLabel(c[tpColumn][i]) + ", block size " + formatNumber(c["block_size"][i])
	}
	if _, err := k.medians(vidur.OpKVSave, medianColumn(vidur.OpKVSave)); err != nil {
		return err
	}
	for _, op := range []vidur.Op{vidur.OpAttnPrefill, vidur.OpAttnDecode} {
		ms, err := k.medians(op, medianColumn(op))
		if err != nil {
			return err
		}
		if ms == nil {
			continue
		}
		var at []int
		for i := range ms {
			if (c["prefill_chunk_size"][i] != 0) == (op == vidur.OpAttnPrefill) {
				at = append(at, i)
				k.add(op, labels[i], shapes[i], k.t.Lines[i], ms[i], attentionKeys(op, c, i)...)
			}
		}
		k.kernel(op, ms, c, at)
	}
	k.judge()
	return nil
}

// backends finds attention of several kernels in one file.
func (k *checker) backends() {
	if list := k.all().backends(); len(list) > 1 {
		k.find(Warning, "backends", 0, "", "rows of several kernels, which Read takes together: %s = %s", backendColumn, strings.Join(list, ", "))
	}
}

// kernel checks the rows of one kind of attention.
func (k *checker) kernel(op vidur.Op, ms []float64, c map[string][]float64, at []int) {
	if len(at) == 0 {
		k.find(Warning, "gap", 0, op.String(), "no rows")
		return
	}
	k.values(op.String(), ms, at)
	k.attentionGrid(op, c, at)
}

// attentionKeys are the features of a row.
func attentionKeys(op vidur.Op, c map[string][]float64, i int) []float64 {
	if op == vidur.OpAttnDecode {
		return []float64{c[BatchSize][i], c[KVCacheSize][i]}
	}
	chunk := c["prefill_chunk_size"][i]
	return []float64{c[KVCacheSize][i], chunk * chunk}
}

// attentionGrid looks for gaps in the contexts of a batch, and in the chunks of
// a context.
func (k *checker) attentionGrid(op vidur.Op, c map[string][]float64, at []int) {
	var outer, inner []float64
	for _, i := range at {
		x := attentionKeys(op, c, i)
		if op == vidur.OpAttnPrefill {
			x[1] = c["prefill_chunk_size"][i]
		}
		outer, inner = append(outer, x[0]), append(inner, x[1])
	}
	k.grid(outer, inner, feature(op, 1), feature(op, 0), false)
}

// hole is how severe a gap is in sizes that nobody, or a plan, chose.
func (k *checker) hole() Severity {
	if k.planned {
		return Info
	}
	return Warning
}

// grid finds gaps in the values of a key, and values that some of the others
// lack. Unless whole is set, the values may end earlier for some.
func (k *checker) grid(outer, inner []float64, name, by string, whole bool) {
	has := map[float64]map[float64]bool{}
	all := map[float64]bool{}
	for i, o := range outer {
		if has[o] == nil {
			has[o] = map[float64]bool{}
		}
		has[o][inner[i]], all[inner[i]] = true, true
	}
	values := slices.Sorted(maps.Keys(all))
	if from, to, n := gaps(values); n > 0 {
		k.find(k.hole(), "gap", 0, "", "%s has nothing between %s and %s; such steps: %d", name, formatNumber(from), formatNumber(to), n)
	}
	lacks, total, example := 0, 0, ""
	outers := slices.Sorted(maps.Keys(has))
	for _, o := range outers {
		last := slices.Max(slices.Collect(maps.Keys(has[o])))
		var missing []string
		for _, v := range values {
			if !has[o][v] && (whole || v < last) {
				missing = append(missing, formatNumber(v))
			}
		}
		if total += len(missing); len(missing) > 0 {
			if lacks == 0 {
				example = fmt.Sprintf("%s %s lacks %s", by, formatNumber(o), strings.Join(list(missing), ", "))
			}
			lacks++
		}
	}
	if lacks > 0 {
		k.find(k.hole(), "gap", 0, "", "values of %s that others have: %d, lacking for %d of %d values of %s; %s", name, total, lacks, len(outers), by, example)
	}
	if whole {
		k.degrees(outers)
	}
}

// degrees finds degrees of parallelism that are left out between others.
func (k *checker) degrees(tps []float64) {
	for tp := 1.0; tp < tps[len(tps)-1]; tp *= 2 {
		if !slices.Contains(tps, tp) {
			k.find(Info, "gap", 0, "", "no rows for TP %s", formatNumber(tp))
		}
	}
}

func (k *checker) collective(op vidur.Op, node string) error {
	k.lookUpNode(node)
	c, err := k.keys("num_workers", "devices_per_node", "size")
	if err != nil {
		return err
	}
	k.copies()
	ms, err := k.medians(op, medianColumn(op))
	if ms == nil || err != nil {
		return err
	}
	for i := range ms {
		workers, perNode := c["num_workers"][i], c["devices_per_node"][i]
		label := fmt.Sprintf("%s devices, %s per node", formatNumber(workers), formatNumber(perNode))
		s := shape{hidden: 1, devices: int(workers), far: perNode < workers}
		k.add(op, label, s, k.t.Lines[i], ms[i], c["size"][i]/fp16)
	}
	sizes := slices.Compact(slices.Sorted(slices.Values(c["size"])))
	if from, to, n := gaps(sizes); n > 0 {
		k.find(k.hole(), "gap", 0, "", "size has nothing between %s and %s; such steps: %d", formatNumber(from), formatNumber(to), n)
	}
	k.judge()
	return nil
}

func (k *checker) cpu() error {
	c, err := k.keys(BatchSize, "tensor_parallel_degree")
	if err != nil {
		return err
	}
	k.copies()
	if _, err := k.t.Text("model_name"); err != nil {
		return err
	}
	for _, op := range cpuOps {
		column := cpuColumn(op)
		ms, err := k.medians(op, column)
		if err != nil {
			return err
		}
		if ms != nil {
			k.values(op.String(), ms, nil)
		}
		for i := range ms {
			k.add(op, tpLabel(c["tensor_parallel_degree"][i]), shape{}, k.t.Lines[i], ms[i], c[BatchSize][i])
		}
	}
	k.judge()
	k.grid(c["tensor_parallel_degree"], c[BatchSize], BatchSize, "TP", true)
	return nil
}
