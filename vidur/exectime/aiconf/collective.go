package aiconf

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// collectiveData has the curves of messages between GPUs, by bytes.
type collectiveData = curveSet[collectiveKey]

type collectiveKey struct {
	Name  string // graph or eager of the engine's own all-reduce; the operation of NCCL
	Dtype string
	GPUs  int
}

type messageKey struct {
	collectiveKey
	Bytes int
}

// width is the bytes of an element of a collective.
func width(dtype string) int {
	switch dtype {
	case "half", "float16", "bfloat16", "fp16", "bf16":
		return 2
	case "int8", "uint8", "fp8":
		return 1
	case "float", "float32", "fp32", "int32":
		return 4
	}
	return 0
}

func parseCollective(s *sheet, k Kind) (*collectiveData, error) {
	dtype, names := "nccl_dtype", "op_name"
	if k == CustomAllReduce {
		dtype, names = "allreduce_dtype", "backend"
		if !slices.Contains(s.names, names) {
			names = "kernel_source"
		}
	}
	if err := s.need(dtype, names, "num_gpus", "message_size", "latency"); err != nil {
		return nil, err
	}
	dtypes, err := s.texts(dtype)
	if err != nil {
		return nil, err
	}
	variants, err := s.texts(names)
	if err != nil {
		return nil, err
	}
	d, err := s.dims("num_gpus", "message_size")
	if err != nil {
		return nil, err
	}
	ms, err := s.floats("latency")
	if err != nil {
		return nil, err
	}
	p := points[messageKey]{sheet: s}
	for i := range s.rows {
		size := width(dtypes[i])
		if size == 0 {
			return nil, s.fault(i, dtype, "how many bytes %q has is not known", dtypes[i])
		}
		p.add(i, messageKey{collectiveKey{variant(k, variants[i]), dtypes[i], d[0][i]}, d[1][i] * size}, ms[i])
	}
	if err := p.settle(); err != nil {
		return nil, err
	}
	return newCollectiveData(&p), nil
}

// variant is graph for vllm_graph and vLLM_custom_graph, and the operation of NCCL
// itself.
func variant(k Kind, name string) string {
	if k != CustomAllReduce {
		return name
	}
	return strings.ToLower(name[strings.LastIndex(name, "_")+1:])
}

func newCollectiveData(p *points[messageKey]) *collectiveData {
	slices.SortFunc(p.order, func(a, b messageKey) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Dtype, b.Dtype), a.GPUs-b.GPUs, a.Bytes-b.Bytes)
	})
	data := newCurveSet[collectiveKey]()
	for _, key := range p.order {
		data.add(key.collectiveKey, float64(key.Bytes), p.mean(key))
	}
	return data
}

// Collective predicts a collective between a number of GPUs of one node.
type Collective struct {
	Info  Info
	Name  string // graph, eager, all_reduce, all_gather, …
	Dtype string
	GPUs  int
	curve *curve
}

// AllReduce opens the engine's own all-reduce: variant graph, replayed from a CUDA
// graph, or eager, launched by the host. An empty variant means graph, or the only
// one there is.
func (l *Library) AllReduce(id ID, variant string, gpus int) (*Collective, error) {
	return l.collective(id, CustomAllReduce, variant, bfloat16, gpus)
}

// NCCL opens a collective of NCCL: op all_reduce, all_gather, reduce_scatter or
// alltoall; dtype half or int8. The id has the backend nccl and its version.
func (l *Library) NCCL(id ID, op, dtype string, gpus int) (*Collective, error) {
	return l.collective(id, NCCL, op, dtype, gpus)
}

func (l *Library) collective(id ID, k Kind, name, dtype string, gpus int) (*Collective, error) {
	data, t, err := find[*collectiveData](l, id, k)
	if err != nil {
		return nil, err
	}
	var names, have []string
	for _, key := range data.order {
		if !slices.Contains(names, key.Name) {
			names = append(names, key.Name)
		}
		have = append(have, fmt.Sprintf("%s %s %d", key.Name, key.Dtype, key.GPUs))
	}
	if name == "" && len(names) == 1 {
		name = names[0]
	} else if name == "" {
		name = "graph"
	}
	for _, key := range data.order {
		if key.Name == name && key.GPUs == gpus && (key.Dtype == dtype || width(key.Dtype) == 2 && width(dtype) == 2) {
			return &Collective{t.Info, name, key.Dtype, gpus, data.curves[key]}, nil
		}
	}
	return nil, &NoRowsError{Path: t.Path, Want: fmt.Sprintf("%s %s %d", name, dtype, gpus), Have: strings.Join(have, ", ")}
}

// NoRowsError says that a table has no rows of what was asked for.
type NoRowsError struct{ Path, Want, Have string }

func (e *NoRowsError) Error() string {
	return fmt.Sprintf("%s: no rows of %s; there are %s", e.Path, e.Want, e.Have)
}

// At is the time of a message of so many bytes. Beyond the largest it grows with
// the bytes; below the smallest it is that one's.
func (c *Collective) At(bytes float64) Answer {
	if !(bytes > 0) {
		return Answer{}
	}
	a, end := c.curve.at(bytes)
	if bytes > end {
		a.Ms *= bytes / end
	}
	return a
}
