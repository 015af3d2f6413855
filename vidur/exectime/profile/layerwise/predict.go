package layerwise

import (
	"slices"

	"github.com/govidur/govidur/vidur"
)

// place is where an operator runs among the modules of vLLM. Path is from the
// outside; the second time of an operator is that of the second place.
type place struct {
	path []string
	op   vidur.Op
}

// layout are the modules of an iteration in the order in which they run: those of
// vLLM's dense models, by the names of its classes.
func layout(m *vidur.Model) (before, layer, after []place) {
	norm, act, up := "RMSNorm", "SiluAndMul", "ColumnParallelLinear"
	if m.LayerNorm {
		norm, act = "LayerNorm", "GELU"
	}
	if m.Gated {
		up = "MergedColumnParallelLinear"
	}
	const decoder, attention, mlp, row = "DecoderLayer", "Attention", "MLP", "RowParallelLinear"
	before = []place{{[]string{"VocabParallelEmbedding"}, vidur.OpEmbed}}
	layer = []place{
		{[]string{decoder, norm}, vidur.OpInputNorm},
		{[]string{decoder, attention, "QKVParallelLinear"}, vidur.OpAttnPreProj},
		{[]string{decoder, attention, "RotaryEmbedding"}, vidur.OpAttnRope},
		{[]string{decoder, attention, "Attention"}, vidur.OpKVSave},
		{[]string{decoder, attention, "Attention"}, vidur.OpAttnPrefill},
		{[]string{decoder, attention, "Attention"}, vidur.OpAttnDecode},
		{[]string{decoder, attention, row}, vidur.OpAttnPostProj},
		{[]string{decoder, attention, row}, vidur.OpAllReduce},
		{[]string{decoder, norm}, vidur.OpPostNorm},
		{[]string{decoder, mlp, up}, vidur.OpMLPUp},
		{[]string{decoder, mlp, act}, vidur.OpMLPAct},
		{[]string{decoder, mlp, row}, vidur.OpMLPDown},
		{[]string{decoder, mlp, row}, vidur.OpAllReduce},
		{[]string{decoder}, vidur.OpAdd},
	}
	after = []place{{nil, vidur.OpSendRecv}, {nil, vidur.OpOther}, {[]string{"LogitsProcessor"}, vidur.OpLMHead}}
	return before, layer, after
}

// hostOps take time on the host and none on the GPU.
var hostOps = []vidur.Op{vidur.OpSchedule, vidur.OpPrepareInputs, vidur.OpSampler, vidur.OpProcessOutputs, vidur.OpComm}

// Predict makes a phase of the time that a stage is predicted to take: the modules
// of vLLM, as far as operators have one, and in them operators by their names in
// profiles. What takes no time is left out. CPU operators are in the model table,
// which alone has host time.
func Predict(name string, seqs int, m *vidur.Model, st *vidur.StageTime) *Phase {
	ph := &Phase{Name: name, Seqs: seqs, Summary: []*Node{}, Model: []*Node{}}
	before, layer, after := layout(m)
	run := func(list []place, calls int, into *[]*Node) {
		var open []*Node // of the call, so that calls have modules of their own
		for _, at := range list {
			if ms := st.Ops[at.op]; ms > 0 {
				put(&open, at, calls, ms*1e3*float64(max(calls, 1)))
			}
		}
		*into = append(*into, open...)
	}
	for _, part := range []struct {
		list  []place
		calls int
	}{{before, 1}, {layer, st.Layers}, {after, 1}} {
		if part.calls > 0 {
			run(part.list, part.calls, &ph.Summary)
		}
		for range part.calls {
			run(part.list, 0, &ph.Model) // a table of calls does not count them
		}
	}
	total := sumOf(ph.Summary)
	for _, list := range [][]*Node{ph.Summary, ph.Model} {
		shares(list, total)
	}
	for _, op := range hostOps {
		if ms := st.Ops[op]; ms > 0 {
			ph.Model = append(ph.Model, &Node{Name: op.String(), CPU: ms * 1e3})
		}
	}
	return ph
}

// put adds time of an operator to a tree and to all modules around it. A module that
// something else followed is called anew.
func put(list *[]*Node, at place, calls int, us float64) {
	for _, name := range at.path {
		n := find(*list, name)
		if n != nil && n != (*list)[len(*list)-1] {
			if n.Calls += calls; calls == 0 {
				n = nil // a table of calls has a node for each
			}
		}
		if n == nil {
			n = &Node{Name: name, Calls: calls}
			*list = append(*list, n)
		}
		n.CUDA += us
		list = &n.Children
	}
	*list = append(*list, &Node{Name: at.op.String(), Calls: calls, CUDA: us})
}

// find is the last node of a name.
func find(list []*Node, name string) *Node {
	for _, n := range slices.Backward(list) {
		if n.Name == name {
			return n
		}
	}
	return nil
}

func shares(list []*Node, total float64) {
	for _, n := range list {
		if total > 0 {
			n.Percent = 100 * n.CUDA / total
		}
		shares(n.Children, total)
	}
}
