package plan

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur"
)

// NewRun plans the points that a Run passes through, each once and in the order of
// its steps, for every degree of parallelism in o; grids, budget and data in o do
// not matter, and kinds do. The engine's limits are checked, and the KV cache must
// have room for the batch.
//
// Attention of the batch of prompts is that of one chunk whose square is the sum of
// the squares of theirs, rounded, which is what the original simulator looks a batch up by.
func NewRun(spec vidur.ReplicaSpec, r Run, e Engine, o Options) (*Plan, error) {
	if err := r.Check(e); err != nil {
		return nil, err
	}
	steps, err := r.StepList()
	if err != nil {
		return nil, err
	}
	o.Budget, o.Data, o.MaxTokens, o.MaxContext, o.MaxBatch = 0, "", 0, 0, 0
	m, err := newMaker(spec, o)
	if err != nil {
		return nil, err
	}
	m.plan.Notes = append(m.plan.Notes, r.text())
	for _, tp := range m.o.TP {
		if err := m.along(tp, steps); err != nil {
			return nil, err
		}
	}
	return m.done()
}

// text says how many requests the steps of a run that was checked have, and how long
// their answers are.
func (r Run) text() string {
	running, _ := r.Running()
	lengths, _ := r.Lengths()
	steps, answers := make([]string, len(running)), make([]string, len(lengths))
	for i, n := range running {
		steps[i] = fmt.Sprint(n)
	}
	for i, l := range lengths {
		answers[i] = fmt.Sprintf("%d of %d tokens", l.Requests, l.Tokens)
	}
	return fmt.Sprintf("steps: %d, of %s requests; answers: %s", len(steps), listed(steps), listed(answers))
}

// listed is a list in words, without the middle of a long one.
func listed(words []string) string {
	const most, ends = 12, 5
	if len(words) > most {
		words = slices.Concat(words[:ends], []string{"…"}, words[len(words)-ends:])
	}
	return strings.Join(words, ", ")
}

// along adds the points of one degree of parallelism.
func (m *maker) along(tp int, steps []Step) error {
	room, err := m.ready(tp)
	if err != nil || room == 0 {
		return err
	}
	if need := most(steps, m.spec.BlockSize); need > room {
		m.plan.LeftOut = append(m.plan.LeftOut, LeftOut{TP: tp,
			Why: fmt.Sprintf("the run needs KV blocks for %d tokens; there is room for %d beside the weights", need, room)})
		return nil
	}
	byKind := map[Kind][]Point{}
	for i := range steps {
		for _, p := range m.step(tp, &steps[i]) {
			byKind[p.Kind] = append(byKind[p.Kind], p)
		}
	}
	for _, k := range Kinds() {
		m.add(tp, k, once(byKind[k]), math.MaxInt)
	}
	m.all()
	m.grids = nil
	return nil
}

// most is how many tokens the KV blocks of the fullest step hold. Those of a decode
// are as many as are counted before it, among which is its input.
func most(steps []Step, block int) int {
	need := 0
	for i := range steps {
		s := &steps[i]
		need = max(need, needs(&Point{Kind: Prefill, Batch: s.Running, Chunk: max(s.Cached, s.Tokens/s.Running)}, block))
	}
	return need
}

// step is the points of one step.
func (m *maker) step(tp int, s *Step) []Point {
	list := []Point{{Kind: Token, TP: tp, Tokens: s.Tokens}}
	if s.Cached == 0 {
		chunk := int(math.Round(float64(s.Tokens) / math.Sqrt(float64(s.Running))))
		list = append(list, Point{Kind: Prefill, TP: tp, Batch: 1, Chunk: chunk})
	} else {
		list = append(list, Point{Kind: Decode, TP: tp, Batch: s.Running, Cached: s.Cached})
	}
	if tp > 1 {
		perNode := m.perNode(tp)
		list = append(list, messages(Point{Kind: AllReduce, Workers: tp, PerNode: perNode}, m.spec.Model.Hidden, []int{s.Tokens})...)
		list = append(list, messages(Point{Kind: AllGather, Workers: tp, PerNode: perNode}, m.spec.Model.Vocab, []int{s.Running})...)
	}
	return append(list, Point{Kind: CPU, TP: tp, Batch: s.Running})
}

// once drops points that are there before.
func once(points []Point) []Point {
	var list []Point
	seen := map[string]bool{}
	for _, p := range points {
		if id := p.id(); !seen[id] {
			seen[id] = true
			list = append(list, p)
		}
	}
	return slices.Clip(list)
}
