package exectime

import (
	"testing"

	"github.com/govidur/govidur/data"
	"github.com/govidur/govidur/vidur"
)

// Operators have the errors that a device file states of its figures, each by the
// formula that it follows; shipped cards state none.
func TestFitErrors(t *testing.T) {
	raw, err := data.FS.ReadFile("operators.json")
	if err != nil {
		t.Fatal(err)
	}
	shipped := newAnalytic(t, AnalyticOptions{})
	stated := newAnalytic(t, AnalyticOptions{Figures: `{"accuracy": [
		{"operator": "gemm", "to": 0, "mape": 1}, {"operator": "gemm", "to": 16, "mape": 99}, {"operator": "attn_decode", "mape": 2},
		{"operator": "layer_norm", "mape": 3}, {"operator": "gelu", "mape": 4}, {"operator": "add_two", "mape": 5}, {"operator": "rope", "mape": 6}
	], ` + string(raw)[1:]})
	spec := vidur.ReplicaSpec{Model: vidur.Model{Layers: 2, Hidden: 64, FFN: 256, QHeads: 4, KVHeads: 4, Vocab: 100, LayerNorm: true, NoPostNorm: true}, Device: cards()[0]}
	want := map[vidur.Op]float64{
		vidur.OpAttnPreProj: 1, vidur.OpMLPUp: 1, vidur.OpLMHead: 1, vidur.OpAttnDecode: 2,
		vidur.OpInputNorm: 3, vidur.OpMLPAct: 4, vidur.OpAdd: 5, vidur.OpAttnRope: 6,
	}
	for op := range vidur.NumOps {
		for _, a := range []*Analytic{shipped, stated} {
			o, err := a.Operators(spec)
			if err != nil {
				t.Fatal(err)
			}
			percent, ok := o.FitError(vidur.Op(op))
			due := 0.0
			if a == stated {
				due = want[vidur.Op(op)]
			}
			switch vidur.Op(op) {
			case vidur.OpAttnPostProj, vidur.OpMLPDown, vidur.OpPostNorm:
				continue // as their siblings
			}
			if percent != due || ok != (due > 0) {
				t.Errorf("%v: %v, %v, want %v", vidur.Op(op), percent, ok, due)
			}
		}
	}
}
