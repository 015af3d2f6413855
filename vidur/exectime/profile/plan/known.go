package plan

import (
	"context"
	"math"
	"os"
	"slices"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/profile"
	"github.com/govidur/govidur/vidur/exectime/trained"
)

// The iteration whose shares weigh operators: decodes alone, and beside a chunk.
var typical = [...]exectime.Mix{
	{Decodes: 32, Context: 1024},
	{Decodes: 32, Context: 1024, Chunk: 512},
}

// What the host takes beside the device has no formula. These are guesses: a tenth
// of an iteration. Its error is that of the straight line by the batch size which
// measurements at the corners make, and which comes close.
const (
	cpuShare = 0.1
	cpuError = 10.0 // percent
)

// know reads what was measured before, and weighs the grids.
func (m *maker) know(ctx context.Context) error {
	if m.o.Data == "" && m.o.Budget == 0 {
		return nil
	}
	if m.o.Data != "" {
		if _, err := os.ReadDir(m.o.Data); err != nil {
			return err
		}
	}
	for _, tp := range m.o.TP {
		if m.cost[tp] == nil {
			continue
		}
		if err := m.knowShard(ctx, tp); err != nil {
			return err
		}
	}
	if m.o.Data != "" && !slices.ContainsFunc(m.grids, func(g *grid) bool { return len(g.measured) > 0 }) {
		m.plan.Notes = append(m.plan.Notes, "nothing in "+m.o.Data+" is of this model, device and node")
	}
	return nil
}

func (m *maker) knowShard(ctx context.Context, tp int) error {
	spec := m.spec
	spec.TP = tp
	spec = staged(spec)
	set := &profile.Set{}
	if m.o.Data != "" {
		var err error
		if set, err = profile.Read(m.o.Data, spec, profile.Options{Lenient: true}); err != nil {
			return err
		}
	}
	for _, n := range set.Notes {
		if !slices.Contains(m.plan.Notes, n) {
			m.plan.Notes = append(m.plan.Notes, n)
		}
	}
	weights, err := m.weigh(ctx, set, spec)
	if err != nil {
		return err
	}
	for _, g := range m.grids {
		if g.tp == tp {
			g.weight = weights[g.kind]
			g.measured = places(set, g, &spec)
		}
	}
	return nil
}

// staged is the replica with the fewest pipeline stages beyond one that divide it,
// which has messages between stages; or as it is, if none of 2 to 8 does.
func staged(spec vidur.ReplicaSpec) vidur.ReplicaSpec {
	for pp := 2; pp <= 8; pp++ {
		spec.PP = pp
		if spec.CheckParallel() == nil {
			return spec
		}
	}
	spec.PP = 1
	return spec
}

// weigh is the error to expect of each kind before anything is measured, in percent
// of a typical iteration: of its operators, share × error. A grid that no predictor
// needs has a little as well, so that it comes last.
func (m *maker) weigh(ctx context.Context, set *profile.Set, spec vidur.ReplicaSpec) (map[Kind]float64, error) {
	forest := learn.Forest{Trees: 32, Seed: m.o.Seed}
	t, err := trained.Train(ctx, set, spec, trained.Options{
		Grid: []learn.Estimator{forest}, Folds: learn.Folds{K: 5, Shuffle: true, Seed: m.o.Seed},
		Analytic: m.o.Analytic, NoTransfer: true,
	})
	if err != nil {
		return nil, err
	}
	shares, err := m.shares(spec)
	if err != nil {
		return nil, err
	}
	weights := map[Kind]float64{}
	for _, k := range Kinds() {
		weights[k] = 1e-3
	}
	host := cpuError
	for _, p := range t.Provenance() {
		if p.Op >= vidur.OpSchedule {
			host = p.CVError
		} else if k := kindOf(p.Op); k != "" && !math.IsNaN(p.CVError) {
			weights[k] += shares[p.Op] * p.CVError
		}
		if p.Op == vidur.OpAllReduce { // gathering is as far off
			weights[AllGather] += shares[vidur.OpOther] * p.CVError
		}
	}
	weights[CPU] += cpuShare * host
	return weights, nil
}

// shares are the parts of the typical iterations that the operators take by the
// analytic model. The gathering of logits, a part of the LM head, stands at OpOther.
func (m *maker) shares(spec vidur.ReplicaSpec) ([vidur.NumOps]float64, error) {
	var sum [vidur.NumOps]float64
	a, err := exectime.NewAnalytic(m.o.Analytic)
	if err != nil {
		return sum, err
	}
	p, err := a.Predictor(spec)
	if err != nil {
		return sum, err
	}
	for _, mix := range typical {
		for stage := range spec.PP {
			t, err := mix.Time(p, stage)
			if err != nil {
				return sum, err
			}
			for op, ms := range t.Parts() {
				sum[op] += ms
			}
		}
	}
	gather := 0.0
	for _, mix := range typical {
		logits := mix.Decodes + min(mix.Chunk, 1)
		gather += a.Network(spec).AllGather(valueBytes*float64(logits)*float64(spec.Model.Vocab)) * 1e-3
	}
	sum[vidur.OpOther], sum[vidur.OpLMHead] = gather, sum[vidur.OpLMHead]-gather
	total := 0.0
	for _, ms := range sum {
		total += ms
	}
	for op := range sum {
		sum[op] /= total
	}
	return sum, nil
}

// samplesOf are samples of an operator that the points of a kind measure; nil if there
// are none. Profiles may lack some operators of a kind.
func samplesOf(set *profile.Set, k Kind) *profile.Samples {
	for op, s := range set.Ops {
		if s != nil && vidur.Op(op) != vidur.OpKVSave && kindOf(vidur.Op(op)) == k {
			return s
		}
	}
	return nil
}

// places are where the samples of a grid's operators lie.
func places(set *profile.Set, g *grid, spec *vidur.ReplicaSpec) []place {
	s := samplesOf(set, g.kind)
	if s == nil || len(g.points) == 0 {
		return nil
	}
	if far := spec.Node.Devices > 0 && spec.GPUs() > spec.Node.Devices; g.kind == SendRecv && far != (g.points[0].PerNode == 1) {
		return nil // the samples are of the other way to send
	}
	var list []place
	for i := range s.Y {
		p := Point{Kind: g.kind}
		x := int(math.Round(s.X[0][i]))
		switch g.kind {
		case Token:
			p.Tokens = x
		case Prefill:
			p.Cached, p.Chunk = x, int(math.Round(math.Sqrt(s.X[1][i])))
		case Decode:
			p.Batch, p.Cached = x, int(math.Round(s.X[1][i]))
		case CPU:
			p.Batch = x
		default:
			p.Bytes = int64(math.Round(s.X[0][i] * float64(spec.Model.Hidden) * valueBytes))
		}
		list = append(list, at(&p))
	}
	return list
}

// known reports for each point whether it was measured.
func (g *grid) known() []bool {
	have := make(map[place]bool, len(g.measured))
	for _, p := range g.measured {
		have[p] = true
	}
	is := make([]bool, len(g.points))
	for i := range g.points {
		is[i] = have[at(&g.points[i])]
	}
	return is
}
