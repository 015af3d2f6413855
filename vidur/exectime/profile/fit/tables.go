package fit

import (
	"fmt"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/aiconf"
)

// What the tables have beyond these sizes no replica runs, and their kernels are
// others.
const (
	leastWeights = 1024  // columns and depth of a GEMM
	mostTokens   = 16384 // of a GEMM
	leastHeads   = 4     // for queries, of a request
	leastContext = 64    // of decode attention
	mostContext  = 65536
)

// Tables fits the figures of a device to the tables that AIConfigurator has of it
// for one engine and version, and curves to its all-reduces inside a node of that
// name. Options are those of [aiconf.Library.Predictor]. They have no pointwise
// operators: those keep the means of the known cards, and Notes say so.
func Tables(l *aiconf.Library, device vidur.Device, node string, o aiconf.Options) (*Result, error) {
	f, err := newFitter(device, Options{})
	if err != nil {
		return nil, err
	}
	id, err := l.Engine(device.Name, &o)
	if err != nil {
		return nil, err
	}
	samples, err := l.Samples(id, o.AllReduce)
	if err != nil {
		return nil, err
	}
	f.result.GPU.From = "AIConfigurator's tables of " + id.String()
	reduces := map[curveKey][]message{}
	for i := range samples {
		s := &samples[i]
		if s.Kind == aiconf.CustomAllReduce {
			k := curveKey{s.GPUs, s.GPUs}
			reduces[k] = append(reduces[k], message{reduced(s.Bytes, float64(s.GPUs)), s.Ms * 1e3})
		} else if v, ok := tableSample(s); ok {
			f.reader.samples[v.kind] = append(f.reader.samples[v.kind], v)
		}
	}
	if len(f.reader.samples) == 0 {
		return nil, fmt.Errorf("%s: no GEMM and no attention in bfloat16 to fit to", id)
	}
	f.operators()
	curves := f.curves(node+" "+vidur.OpAllReduce.String(), reduces)
	f.result.Nodes = []Node{{Name: node, AllReduce: curves, SendRecv: []Curve{}}}
	f.result.GPU.round()
	return f.result, nil
}

// tableSample is a measurement of a table, if it is of a size that replicas have.
// Requests that prefill together are one with more heads, which is the same work in
// the same thread blocks.
func tableSample(s *aiconf.Sample) (sample, bool) {
	v := sample{op: string(s.Kind), us: s.Ms * 1e3, heads: heads{float64(s.Heads.Q), float64(s.Heads.KV), float64(s.Heads.Dim)}}
	enough := s.Heads.Q >= leastHeads
	switch s.Kind {
	case aiconf.GEMM:
		v.kind, v.m, v.n, v.k = kGEMM, float64(s.M), float64(s.N), float64(s.K)
		enough = min(s.N, s.K) >= leastWeights && s.M <= mostTokens
	case aiconf.GenerationAttention:
		v.kind, v.m, v.n = kDecode, float64(s.Requests), float64(s.Tokens)
		enough = enough && s.Tokens >= leastContext && s.Tokens <= mostContext
	case aiconf.ContextAttention:
		v.kind, v.m, v.n = kPrefill, float64(s.Tokens), float64(s.Cached)
		v.heads.q *= float64(s.Requests)
		v.heads.kv *= float64(s.Requests)
	}
	return v, enough
}
