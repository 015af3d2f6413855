package measure

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/exectime/profile"
	"github.com/govidur/govidur/vidur/exectime/profile/plan"
)

// The LM head that a simulation reads is the projection, the norm and, for
// several devices, the gathering of its logits.
func TestHead(t *testing.T) {
	p, o := tiny(), options(t, "")
	for n := 1; n <= 32; n *= 2 { // one size less than of tokens
		b := int64(2 * n * p.Model.Vocab)
		p.Points = append(p.Points, plan.Point{ID: fmt.Sprintf("all_gather/w2/p2/b%d", b), Kind: plan.AllGather, Workers: 2, PerNode: 2, Bytes: b})
	}
	if _, err := Run(t.Context(), p, o); err != nil {
		t.Fatal(err)
	}
	report, err := profile.Check(o.Dir, catalog.Default())
	if err != nil || slices.ContainsFunc(report.Findings, func(f profile.Finding) bool { return strings.Contains(f.Text, "nothing reads it") }) {
		t.Error(report, err)
	}
	for tp, want := range map[int]int{1: 7, 2: 6} {
		spec := vidur.ReplicaSpec{Model: p.ModelSpec(), Device: vidur.Device{Name: "chip"}, Node: vidur.Node{Name: "chip_node", Devices: 2}, TP: tp, PP: 1}
		set, err := profile.Read(o.Dir, spec, profile.Options{Lenient: true})
		if err != nil {
			t.Fatal(err)
		}
		head := set.Ops[vidur.OpLMHead]
		if head == nil || len(head.Y) != want {
			t.Fatalf("TP %d: %+v; %q", tp, head, set.Notes)
		}
		for i, n := range head.X[0] {
			ops := fakeResult(&plan.Point{Kind: plan.Token, TP: tp, Tokens: int(n)}, false).Ops
			due := ops["lm_head"].Median + ops["input_layernorm"].Median
			if tp > 1 {
				due += fakeResult(&plan.Point{Kind: plan.AllGather, Workers: 2, PerNode: 2, Bytes: int64(n) * 200}, false).Ops["all_gather"].Median
			}
			if math.Abs(head.Y[i]-due) > 1e-6*due {
				t.Errorf("TP %d, %v positions: %v ms; %v are due", tp, n, head.Y[i], due)
			}
		}
	}
}
