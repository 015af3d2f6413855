package plan

import (
	"context"
	"fmt"
	"slices"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
)

// maker makes one plan.
type maker struct {
	spec  vidur.ReplicaSpec
	o     Options
	plan  *Plan
	cost  map[int]*coster // by TP
	grids []*grid
}

// New plans what to measure for a model on a device of a node: those of spec, whose
// TP, PP and Predictor do not matter. A device that no figures were fitted to needs
// what exectime.Analytic.GPU asks for. A degree of parallelism that does not divide
// the model, or whose weights do not fit, is left out, with a reason; that none is
// left is an error, and so are options out of range and profiles that cannot be read.
func New(ctx context.Context, spec vidur.ReplicaSpec, o Options) (*Plan, error) {
	m, err := newMaker(spec, o)
	if err != nil {
		return nil, err
	}
	for _, tp := range m.o.TP {
		if err := m.shard(tp); err != nil {
			return nil, err
		}
	}
	if len(m.cost) == 0 {
		return nil, fmt.Errorf("no degree of parallelism is left: %s", m.plan.LeftOut[len(m.plan.LeftOut)-1].Why)
	}
	m.between()
	if err := m.know(ctx); err != nil {
		return nil, err
	}
	pick := m.all
	if m.o.Budget > 0 {
		pick = m.best
	}
	pick()
	return m.done()
}

// done is the plan, if there is anything in it.
func (m *maker) done() (*Plan, error) {
	if len(m.plan.Points) == 0 && m.plan.Known == 0 {
		why := fmt.Sprintf("%v at TP %v has no points", m.o.Kinds, m.o.TP)
		if left := m.plan.LeftOut; len(left) > 0 {
			why = left[len(left)-1].Why
		}
		return nil, fmt.Errorf("there is nothing to measure: %s", why)
	}
	m.plan.share()
	return m.plan, nil
}

func newMaker(spec vidur.ReplicaSpec, o Options) (*maker, error) {
	o, err := o.withDefaults(&spec.Model)
	if err != nil {
		return nil, err
	}
	orElse(&spec.BlockSize, 16)
	spec.TP, spec.PP, spec.Predictor = 1, 1, nil
	if err := spec.CheckParallel(); err != nil {
		return nil, err
	}
	if spec.Model.FFN < 1 || spec.Model.Vocab < 1 || !(spec.Device.MemoryGB > 0) || spec.BlockSize < 1 {
		return nil, fmt.Errorf("a plan needs the width of the MLP, the vocabulary, the memory of the device and a block size of at least 1 token")
	}
	p := &Plan{
		Version: Version, ModelName: spec.Model.Name, Device: spec.Device.Name, Node: spec.Node.Name, Model: shapeOf(&spec.Model),
		DType: o.DType, BlockSize: spec.BlockSize, MemoryBytes: int64(spec.Device.MemoryGB * (1 << 30)), Seed: o.Seed,
		WarmUp: warmUp, Repeat: repeat, Budget: o.Budget,
	}
	return &maker{spec: spec, o: o, plan: p, cost: map[int]*coster{}}, nil
}

// ready makes the estimates of one degree of parallelism, and says how many tokens
// its KV cache has room for; none if it is left out.
func (m *maker) ready(tp int) (room int, err error) {
	spec := m.spec
	spec.TP = tp
	room = capacity(spec, tp)
	err = spec.CheckParallel()
	if err == nil && room == 0 {
		err = fmt.Errorf("the weights of %s do not fit, even in 8 stages", spec.Model.Name)
	}
	if err != nil {
		m.plan.LeftOut = append(m.plan.LeftOut, LeftOut{TP: tp, Why: err.Error()})
		return 0, nil
	}
	m.cost[tp], err = newCoster(m.o.Analytic, spec)
	return room, err
}

// perNode is how many devices of a stage are in each node.
func (m *maker) perNode(tp int) int {
	if n := m.spec.Node.Devices; n > 0 {
		return min(tp, n)
	}
	return tp
}

// shard adds the grids of one degree of parallelism.
func (m *maker) shard(tp int) error {
	room, err := m.ready(tp)
	if err != nil || room == 0 {
		return err
	}
	m.add(tp, Token, m.o.tokenPoints(tp), room)
	m.add(tp, Prefill, m.o.prefillPoints(tp), room)
	m.add(tp, Decode, m.o.decodePoints(tp), room)
	if tp > 1 {
		near, shape := m.perNode(tp), &m.spec.Model
		m.add(tp, AllReduce, messages(Point{Kind: AllReduce, Workers: tp, PerNode: near}, shape.Hidden, tokenSizes(m.o.MaxTokens)), room)
		m.add(tp, AllGather, messages(Point{Kind: AllGather, Workers: tp, PerNode: near}, shape.Vocab, batchSizes(m.o.MaxBatch)), room)
	}
	m.add(tp, CPU, m.o.cpuPoints(tp), room)
	return nil
}

// between adds the messages from one pipeline stage to the next, in a node and
// between nodes. They are the same at every TP.
func (m *maker) between() {
	tp := m.o.TP[slices.IndexFunc(m.o.TP, func(tp int) bool { return m.cost[tp] != nil })]
	for _, perNode := range []int{2, 1} {
		if perNode == 2 && m.spec.Node.Devices == 1 {
			continue
		}
		m.add(tp, SendRecv, messages(Point{Kind: SendRecv, Workers: 2, PerNode: perNode}, m.spec.Model.Hidden, tokenSizes(m.o.MaxTokens)), 0)
	}
	order := Kinds()
	slices.SortStableFunc(m.grids, func(a, b *grid) int { return slices.Index(order, a.kind) - slices.Index(order, b.kind) })
}

// add makes a grid of the points that can occur in a KV cache with room for so many
// tokens, and that can be measured in the device's memory.
func (m *maker) add(tp int, kind Kind, points []Point, room int) {
	if !slices.Contains(m.o.Kinds, kind) {
		return
	}
	g := &grid{kind: kind, tp: tp, points: points[:0]} // in their place
	never, large := 0, 0
	cost := m.cost[tp]
	for _, p := range points {
		p.ID = p.id()
		p.Seconds, p.Memory = cost.seconds(&p), cost.memory(&p)
		switch {
		case needs(&p, m.spec.BlockSize) > room && kind != SendRecv:
			never++
		case float64(p.Memory) > usable*float64(m.plan.MemoryBytes):
			large++
		default:
			g.points = append(g.points, p)
		}
	}
	m.leave(g, never, "does not fit in the KV cache beside the weights")
	m.leave(g, large, "does not fit in the device's memory while it is measured")
	m.grids = append(m.grids, g)
}

func (m *maker) leave(g *grid, points int, why string) {
	if points > 0 {
		m.plan.LeftOut = append(m.plan.LeftOut, LeftOut{Kind: g.kind, TP: g.tp, Points: points, Why: why})
	}
}

// needs is how many tokens of KV blocks the requests of a point fill.
func needs(p *Point, block int) int {
	if p.Kind != Prefill && p.Kind != Decode {
		return 0
	}
	tokens := p.Cached + max(p.Chunk, 1)
	return p.Batch * ((tokens + block - 1) / block * block)
}

// shared are the operators that are the same at every TP.
var shared = [...]vidur.Op{vidur.OpInputNorm, vidur.OpPostNorm, vidur.OpAdd}

// share names for each point the one that measures what they have in common.
func (p *Plan) share() {
	first := map[int]string{}
	for i := range p.Points {
		pt := &p.Points[i]
		pt.Like = ""
		if pt.Kind != Token {
			continue
		}
		if pt.Like = first[pt.Tokens]; pt.Like == "" {
			first[pt.Tokens] = pt.ID
		}
	}
	p.Shared = nil
	for _, op := range shared {
		if op != vidur.OpPostNorm || !p.Model.NoPostNorm {
			p.Shared = append(p.Shared, op.String())
		}
	}
}

// newCoster makes the estimates of one degree of parallelism.
func newCoster(o exectime.AnalyticOptions, spec vidur.ReplicaSpec) (*coster, error) {
	a, err := exectime.NewAnalytic(o)
	if err != nil {
		return nil, err
	}
	ops, err := a.Operators(spec)
	return &coster{ops: ops, model: &spec.Model, tp: spec.TP, block: spec.BlockSize}, err
}
