package imports

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/profile"
)

// csvFile is a CSV file of profiles.
type csvFile struct {
	path   string // below the folder profiling
	header []string
	rows   [][]string
}

// place is where a row stands: the key of a line of a file.
type place struct {
	x, cached int
	bytes     int64
	batch     int
	prefill   bool
}

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.batch, q.batch), cmp.Compare(p.x, q.x), cmp.Compare(p.cached, q.cached), cmp.Compare(p.bytes, q.bytes),
		cmp.Compare(p.phase(), q.phase()))
}

// phase is the cell of the column is_prefill.
func (p place) phase() string {
	if p.prefill {
		return "True"
	}
	return "False"
}

// lines are the times of operators, in ms, by place.
type lines map[place]map[string][]float64

// collect gathers the rows of some operators.
func (r *Result) collect(ops []string) lines {
	out := lines{}
	for _, row := range r.Rows {
		if !slices.Contains(ops, row.Op) {
			continue
		}
		p := place{row.X, row.Cached, row.Bytes, row.Batch, row.Prefill || row.Op == vidur.OpAttnPrefill.String()}
		if row.Op == lmHead {
			p.batch = row.X // and no tokens
		}
		if out[p] == nil {
			out[p] = map[string][]float64{}
		}
		out[p][row.Op] = append(out[p][row.Op], row.Time/1e3)
	}
	return out
}

// layerOps are the operators of mlp.csv here: those of the original, and writing
// the KV cache, which goes by tokens too.
var layerOps = func() (names []string) {
	names = append(names, embed)
	for op := range vidur.OpSendRecv {
		if op != vidur.OpAttnDecode && op != vidur.OpAttnPrefill && op != vidur.OpAllReduce {
			names = append(names, op.String())
		}
	}
	return names
}()

// files are the files of a result; those without a row are left out.
func (r *Result) files() []csvFile {
	m, tp := &r.Spec.Model, max(r.Spec.TP, 1)
	folder := "compute/" + r.Spec.Device.Name + "/" + m.Name + "/"
	network := "network/" + r.Spec.Node.Name + "/"
	n := strconv.Itoa
	gated := "False"
	if m.Gated {
		gated = "True"
	}
	all := []csvFile{
		r.file(folder+"mlp.csv", layerOps,
			[]string{"n_head", "n_kv_head", "n_embd", "n_expanded_embd", "vocab_size", "use_gated_mlp", "num_tokens", "num_tensor_parallel_workers", profile.IsPrefill},
			func(p place) []string {
				return []string{n(m.QHeads), n(m.KVHeads), n(m.Hidden), n(m.FFN), n(m.Vocab), gated, n(p.x), n(tp), p.phase()}
			}),
		r.attention(folder + "attention.csv"),
		r.file(folder+"iteration.csv", []string{lmHead, other}, []string{"num_tokens", "batch_size", "num_tensor_parallel_workers", profile.IsPrefill},
			func(p place) []string { return []string{n(p.x), n(p.batch), n(tp), p.phase()} }),
		r.collective(network+"all_reduce.csv", vidur.OpAllReduce, tp),
		r.collective(network+"send_recv.csv", vidur.OpSendRecv, 2),
		r.host("cpu_overhead/" + r.Spec.Node.Name + "/" + m.Name + "/cpu_overheads.csv"),
	}
	return slices.DeleteFunc(all, func(s csvFile) bool { return len(s.rows) == 0 })
}

func (r *Result) attention(path string) csvFile {
	m, n := &r.Spec.Model, strconv.Itoa
	block := r.Spec.BlockSize
	if block <= 0 {
		block = 16
	}
	ops := []string{vidur.OpAttnDecode.String(), vidur.OpAttnPrefill.String()}
	header := []string{"n_embd", "n_q_head", "n_kv_head", "block_size", "num_tensor_parallel_workers", "max_model_len",
		"batch_size", "prefill_chunk_size", "kv_cache_size", profile.IsPrefill, "attention_backend"}
	return r.file(path, ops, header, func(p place) []string {
		batch, chunk := p.x, 0
		if p.prefill {
			batch, chunk = 1, p.x
		}
		return []string{n(m.Hidden), n(m.QHeads), n(m.KVHeads), n(block), n(max(r.Spec.TP, 1)), n(m.MaxPositions),
			n(batch), n(chunk), n(p.cached), p.phase(), "imported"}
	})
}

func (r *Result) collective(path string, op vidur.Op, workers int) csvFile {
	header := []string{"rank", "num_workers", "size", "collective", "devices_per_node", "max_devices_per_node", profile.IsPrefill}
	return r.file(path, []string{op.String()}, header, func(p place) []string {
		return []string{"0", strconv.Itoa(workers), strconv.FormatInt(p.bytes, 10), op.String(), strconv.Itoa(workers), strconv.Itoa(r.Spec.Node.Devices), p.phase()}
	})
}

// csvFile is a file of one line per place, with the statistics of each operator
// before the columns of the key.
func (r *Result) file(path string, ops, keys []string, key func(place) []string) csvFile {
	s := csvFile{path: path}
	for _, op := range ops {
		for _, stat := range []string{"min", "max", "mean", "median", "std"} {
			s.header = append(s.header, fmt.Sprintf("time_stats.%s.%s", op, stat))
		}
	}
	s.header = append(s.header, keys...)
	all := r.collect(ops)
	for _, p := range slices.SortedFunc(maps.Keys(all), place.compare) {
		var line []string
		for _, op := range ops {
			line = append(line, statistics(all[p][op])...)
		}
		s.rows = append(s.rows, append(line, key(p)...))
	}
	return s
}

// host is the file of the CPU operators, in the original's columns.
func (r *Result) host(path string) csvFile {
	s := csvFile{path: path, header: []string{"model_name", "tensor_parallel_degree", "batch_size"}}
	var ops []string
	for op := vidur.OpSchedule; int(op) < vidur.NumOps; op++ {
		ops = append(ops, op.String())
		stat := "_median"
		if op == vidur.OpComm {
			stat = "_mean"
		}
		s.header = append(s.header, op.String()+stat)
	}
	all := r.collect(ops)
	for _, p := range slices.SortedFunc(maps.Keys(all), place.compare) {
		line := []string{r.Spec.Model.Name, strconv.Itoa(max(r.Spec.TP, 1)), strconv.Itoa(p.x)}
		for _, op := range ops {
			at := 3 // the median
			if op == vidur.OpComm.String() {
				at = 2
			}
			line = append(line, statistics(all[p][op])[at])
		}
		s.rows = append(s.rows, line)
	}
	return s
}

// statistics are the least, the largest, the mean, the median and the standard
// deviation (of the values themselves); blank without values.
func statistics(v []float64) []string {
	out := make([]string, 5)
	if len(v) == 0 {
		return out
	}
	v = slices.Sorted(slices.Values(v))
	n := len(v)
	mean, squares := 0.0, 0.0
	for _, x := range v {
		mean += x / float64(n)
	}
	for _, x := range v {
		squares += (x - mean) * (x - mean) / float64(n)
	}
	median := v[n/2]
	if n%2 == 0 {
		median = (v[n/2-1] + v[n/2]) / 2
	}
	for i, x := range []float64{v[0], v[n-1], mean, median, math.Sqrt(squares)} {
		out[i] = strconv.FormatFloat(x, 'g', -1, 64)
	}
	return out
}
