package aiconf

import (
	"cmp"
	"errors"
	"slices"

	"github.com/govidur/govidur/vidur/exectime"
)

// Sample is one measurement of a table, as it stands there.
type Sample struct {
	Kind    Kind
	M, N, K int // of a GEMM: tokens, columns and depth of the weights

	// Attention of Requests with Heads, each with so many Tokens: of its chunk,
	// after Cached ones, or (GenerationAttention) of its context, the new one
	// included.
	Requests, Tokens, Cached int
	Heads                    exectime.Heads

	GPUs  int // of an all-reduce
	Bytes float64

	Ms float64
}

// Samples are all GEMMs, attention without a window and all-reduces of an engine in
// bfloat16, in a fixed order: what a model can be fitted to. A kind without a table
// has none. allReduce is the variant of the engine's own; see [Library.AllReduce].
func (l *Library) Samples(id ID, allReduce string) ([]Sample, error) {
	gemms, err1 := l.gemmSamples(id)
	attention, err2 := l.attentionSamples(id)
	reduces, err3 := l.reduceSamples(id, allReduce)
	if err := cmp.Or(err1, err2, err3); err != nil {
		return nil, err
	}
	return slices.Concat(gemms, attention, reduces), nil
}

// noTable reports whether an error says that there is no table.
func noTable(err error) bool {
	var missing *MissingError
	return errors.As(err, &missing)
}

func (l *Library) gemmSamples(id ID) ([]Sample, error) {
	data, _, err := find[*gemmData](l, id, GEMM)
	if noTable(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	set := data.dtypes[bfloat16]
	if set == nil {
		return nil, nil
	}
	var list []Sample
	for _, n := range set.n {
		for _, k := range set.k {
			c := set.shapes[weights{n, k}]
			if c == nil {
				continue
			}
			for i, m := range c.x {
				list = append(list, Sample{Kind: GEMM, M: int(m), N: n, K: k, Ms: c.ms[i]})
			}
		}
	}
	return list, nil
}

func (l *Library) attentionSamples(id ID) ([]Sample, error) {
	var list []Sample
	for _, kind := range [...]Kind{ContextAttention, GenerationAttention} {
		data, _, err := find[*attentionData](l, id, kind)
		if noTable(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, shape := range data.order {
			if shape.Dtype == bfloat16+"/"+bfloat16 && shape.Window == 0 && shape.BeamWidth == 1 {
				list = append(list, data.shapes[shape].samples(Sample{Kind: kind, Heads: shape.heads()})...)
			}
		}
	}
	return list, nil
}

// samples are the measurements of a grid, each a copy of s with its sizes.
func (g *attentionGrid) samples(s Sample) []Sample {
	var list []Sample
	for i, series := range g.series {
		s.Cached = g.steps[i]
		for j, c := range series.curves {
			s.Requests = series.batches[j]
			for k, x := range c.x {
				s.Tokens, s.Ms = int(x), c.ms[k]
				list = append(list, s)
			}
		}
	}
	return list
}

func (l *Library) reduceSamples(id ID, variant string) ([]Sample, error) {
	data, _, err := find[*collectiveData](l, id, CustomAllReduce)
	if noTable(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var gpus []int
	for _, key := range data.order {
		gpus = append(gpus, key.GPUs)
	}
	slices.SortFunc(gpus, cmp.Compare)
	var list []Sample
	for _, n := range slices.Compact(gpus) {
		c, err := l.AllReduce(id, variant, n)
		if err != nil {
			return nil, err
		}
		for i, bytes := range c.curve.x {
			list = append(list, Sample{Kind: CustomAllReduce, GPUs: n, Bytes: bytes, Ms: c.curve.ms[i]})
		}
	}
	return list, nil
}
