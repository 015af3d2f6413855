package imports

import (
	"encoding/json"
	"strings"

	"github.com/govidur/govidur/vidur"
)

// Weight is the shape of the weight of a matrix product, [in, out] values. A zero
// one is unknown.
type Weight struct{ In, Out int }

// weightOf is the weight of a matrix product by the operator of PyTorch and the
// shapes of its inputs, as record_shapes has them: [[4, 4096], [4096, 6144]] of
// aten::mm, with the bias first of aten::addmm, and transposed of aten::linear.
func weightOf(operator, shapes string) (w Weight) {
	at, transposed := 1, false
	switch strings.TrimPrefix(operator, "aten::") {
	case "mm", "matmul":
	case "addmm":
		at = 2
	case "linear":
		transposed = true
	default:
		return w
	}
	var list []json.RawMessage
	if json.Unmarshal([]byte(shapes), &list) != nil || len(list) <= at {
		return w
	}
	var in, dims []int
	if json.Unmarshal(list[at-1], &in) != nil || json.Unmarshal(list[at], &dims) != nil || len(in) < 2 || len(dims) != 2 {
		return w
	}
	if transposed {
		dims[0], dims[1] = dims[1], dims[0]
	}
	if in[len(in)-1] != dims[0] || dims[0] < 1 || dims[1] < 1 {
		return w
	}
	return Weight{dims[0], dims[1]}
}

// weights are the operators whose weights have a shape, in a replica.
type weights map[Weight]string

// newWeights are those of a model's layer and its LM head at a degree of tensor
// parallelism: QKV and gate and up projections as one product or apart. A shape of
// two operators (output and query projection of as many values as the model is wide)
// is the output projection's if the QKV projection is one product; fused says so.
func newWeights(spec *vidur.ReplicaSpec, fused bool) weights {
	m, tp := &spec.Model, max(spec.TP, 1)
	q, kv, ffn := m.QHeads*m.Head()/tp, (m.KVHeads+tp-1)/tp*m.Head(), m.FFN/tp
	w := weights{{m.Hidden, q + 2*kv}: preProj, {q, m.Hidden}: postProj, {m.Hidden, ffn}: up, {ffn, m.Hidden}: down}
	if m.Gated {
		w[Weight{m.Hidden, 2 * ffn}] = up
	}
	if !fused {
		for _, out := range []int{q, kv} {
			apart := Weight{m.Hidden, out}
			if w[apart] == "" {
				w[apart] = preProj
			} else {
				delete(w, apart)
			}
		}
	}
	const padding = 64 // of the vocabulary, in vLLM
	for _, vocab := range []int{m.Vocab, (m.Vocab + padding - 1) / padding * padding} {
		w[Weight{m.Hidden, vocab / tp}] = lmHead
	}
	return w
}

// byShape names the matrix products of a step by the shapes of their weights. Where
// the kernels of operators with shapes are rows of their own, the times of the
// operators divide theirs.
func (c *converter) byShape(s *Step) {
	whole := newWeights(&c.Spec, true)
	fused := false
	for _, list := range [][]Kernel{s.Kernels, s.Products} {
		for i := range list {
			fused = fused || list[i].Weight != Weight{} && whole[list[i].Weight] == preProj
		}
	}
	by := newWeights(&c.Spec, fused)
	for _, list := range [][]Kernel{s.Kernels, s.Products} {
		for i := range list {
			k := &list[i]
			if op := by[k.Weight]; op != "" && (k.Op == groupGEMM || k.Op == "") {
				k.Op = op
			}
		}
	}
}

// productShares are the times of the products that shapes tell, by operator, where
// all of them are told; nil otherwise.
func productShares(s *Step) map[string]float64 {
	shares := map[string]float64{}
	for _, k := range s.Products {
		if k.Op == "" {
			return nil
		}
		shares[k.Op] += k.Time
	}
	if len(shares) == 0 {
		return nil
	}
	return shares
}
