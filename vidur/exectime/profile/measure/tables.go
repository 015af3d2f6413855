package measure

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/profile/plan"
	"github.com/govidur/govidur/vidur/internal/whole"
)

// statNames are the statistics of a time, in the order of the original's files.
var statNames = []string{"min", "max", "mean", "median", "std"}

// file is a table of the profiles.
type file struct {
	path    string // below DIR
	kinds   []plan.Kind
	ops     []string
	columns []string // besides the times
	row     func(r *runner, e *entry) []string
}

// files are those that the kinds of points become. The original's have neither
// all_gather.csv nor a column of the LM head, which package profile makes the LM
// head of.
func (r *runner) files() []file {
	compute := path.Join("profiling/compute", r.plan.Device, r.plan.ModelName)
	network := path.Join("profiling/network", r.plan.Node)
	of := func(k plan.Kind) file {
		return file{path.Join(network, string(k)+".csv"), []plan.Kind{k}, []string{string(k)},
			[]string{"rank", "num_workers", "size", "collective", "devices_per_node", "max_devices_per_node"}, (*runner).collectiveRow}
	}
	return []file{
		{path.Join(compute, "mlp.csv"), []plan.Kind{plan.Token}, tokenOps,
			[]string{"n_head", "n_kv_head", "n_embd", "n_expanded_embd", "vocab_size", "use_gated_mlp", "num_tokens", "num_tensor_parallel_workers"},
			(*runner).tokenRow},
		{path.Join(compute, "attention.csv"), []plan.Kind{plan.Prefill, plan.Decode}, attentionOps,
			[]string{"n_embd", "n_q_head", "n_kv_head", "block_size", "num_tensor_parallel_workers", "max_model_len",
				"batch_size", "prefill_chunk_size", "kv_cache_size", "is_prefill", "attention_backend"}, (*runner).attentionRow},
		of(plan.AllReduce), of(plan.AllGather), of(plan.SendRecv),
		{path.Join("profiling/cpu_overhead", r.plan.Node, r.plan.ModelName, "cpu_overheads.csv"), []plan.Kind{plan.CPU}, cpuOps,
			[]string{"model_name", "tensor_parallel_degree", "batch_size"}, (*runner).cpuRow},
	}
}

func (r *runner) tokenRow(e *entry) []string {
	m, p := &r.plan.Model, e.At
	return append(numbers(m.QHeads, m.KVHeads, m.Hidden, m.MLPHidden, m.Vocab), python(m.Gated), strconv.Itoa(p.Tokens), strconv.Itoa(p.TP))
}

func (r *runner) attentionRow(e *entry) []string {
	m, p := &r.plan.Model, e.At
	prefill := p.Kind == plan.Prefill
	kernel := e.Kernels[vidur.OpAttnDecode.String()]
	if prefill {
		kernel = e.Kernels[vidur.OpAttnPrefill.String()]
	}
	longest := m.MaxPos
	if longest == 0 {
		longest = 4096 // the original's default
	}
	row := numbers(m.Hidden, m.QHeads, m.KVHeads, r.plan.BlockSize, p.TP, longest, p.Batch, p.Chunk, p.Cached)
	return append(row, python(prefill), kernel)
}

func (r *runner) collectiveRow(e *entry) []string {
	p, most := e.At, 0
	for _, s := range r.journal.sessions {
		most = max(most, s.Hello.Count)
	}
	return []string{"0", strconv.Itoa(p.Workers), strconv.FormatInt(p.Bytes, 10), string(p.Kind), strconv.Itoa(p.PerNode), strconv.Itoa(max(most, p.PerNode))}
}

func (r *runner) cpuRow(e *entry) []string {
	return []string{r.plan.ModelName, strconv.Itoa(e.At.TP), strconv.Itoa(e.At.Batch)}
}

func numbers(values ...int) []string {
	var out []string
	for _, v := range values {
		out = append(out, strconv.Itoa(v))
	}
	return out
}

// python is a truth value as Python writes it.
func python(v bool) string {
	if v {
		return "True"
	}
	return "False"
}

// tables writes the files that there are points for, and gives their rows by
// path.
func (r *runner) tables() (map[string]int, error) {
	rows := map[string]int{}
	for _, f := range r.files() {
		entries := r.measured(f.kinds)
		if len(entries) == 0 {
			continue
		}
		if err := r.table(&f, entries); err != nil {
			return nil, err
		}
		rows[f.path] = len(entries)
	}
	return rows, nil
}

// measured are the points with times, of some kinds, in the order of their
// sizes.
func (r *runner) measured(kinds []plan.Kind) []entry {
	var out []entry
	for _, e := range r.journal.latest {
		if e.Status == OK && slices.Contains(kinds, e.At.Kind) {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b entry) int {
		p, q := a.At, b.At
		return cmp.Or(cmp.Compare(slices.Index(kinds, p.Kind), slices.Index(kinds, q.Kind)),
			cmp.Compare(p.TP, q.TP), cmp.Compare(p.Workers, q.Workers), cmp.Compare(p.PerNode, q.PerNode),
			cmp.Compare(p.Tokens, q.Tokens), cmp.Compare(p.Batch, q.Batch), cmp.Compare(p.Chunk, q.Chunk),
			cmp.Compare(p.Cached, q.Cached), cmp.Compare(p.Bytes, q.Bytes), cmp.Compare(p.ID, q.ID))
	})
	return out
}

// table writes one file. The rows of collectives are numbered, as the original's
// are, and those of CPU overheads name their columns otherwise.
func (r *runner) table(f *file, entries []entry) error {
	numbered, short := collective(f.kinds[0]), f.kinds[0] == plan.CPU
	var header []string
	for _, op := range f.ops {
		for _, s := range statNames {
			if short {
				header = append(header, op+"_"+s)
			} else {
				header = append(header, "time_stats."+op+"."+s)
			}
		}
	}
	lines := [][]string{append(append(header, f.columns...), "cache_state")}
	for i := range entries {
		var line []string
		for _, op := range f.ops {
			line = append(line, cells(entries[i].Ops, op)...)
		}
		lines = append(lines, append(append(line, f.row(r, &entries[i])...), entries[i].Cache))
	}
	if numbered {
		for i := range lines {
			lines[i] = append([]string{index(i)}, lines[i]...)
		}
	}
	var text bytes.Buffer
	if err := csv.NewWriter(&text).WriteAll(lines); err != nil {
		return err
	}
	return replace(filepath.Join(r.opt.Dir, filepath.FromSlash(f.path)), text.Bytes())
}

// index is the first cell of a line: the rows count from 0, below the header.
func index(line int) string {
	if line == 0 {
		return ""
	}
	return strconv.Itoa(line - 1)
}

// cells are the statistics of an operator; blank if it has none.
func cells(ops map[string]Stats, op string) []string {
	s, ok := ops[op]
	if !ok {
		return make([]string, len(statNames))
	}
	var out []string
	for _, v := range []float64{s.Min, s.Max, s.Mean, s.Median, s.Std} {
		out = append(out, strconv.FormatFloat(v, 'g', 9, 64))
	}
	return out
}

// replace writes a file that is whole at every moment, with its folders.
func replace(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return whole.Write(name, text, true)
}

// sorted are the keys of a map in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// median is that of a list that is not empty, which it sorts.
func median(list []float64) float64 {
	slices.Sort(list)
	return (list[(len(list)-1)/2] + list[len(list)/2]) / 2
}
