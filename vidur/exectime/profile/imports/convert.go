package imports

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
)

// Result is what a trace became.
type Result struct {
	Trace        *Trace
	Spec         vidur.ReplicaSpec // that the profiles are of
	Rows         []Row             // of the steps, and then those of the trace
	Unclassified []Share           // kernels that no rule knows, by their share
	Notes        []string          // the trace's, and what was assumed
}

// Share is a part of all kernel time.
type Share struct {
	Name  string  `json:"name"`
	Share float64 `json:"share"` // 0 to 1
}

// converter is one call of Convert.
type converter struct {
	*Result
	ref     *exectime.Operators
	layers  int
	missing map[string]bool
	shared  bool // groups were divided by the analytic model's shares
	reduced bool // a step has an all-reduce
}

// analytic are the operators of a replica by the analytic model.
func analytic(spec vidur.ReplicaSpec) (*exectime.Operators, error) {
	model, err := exectime.NewAnalytic(exectime.AnalyticOptions{})
	if err != nil {
		return nil, err
	}
	return model.Operators(spec)
}

// Convert makes rows of profiles of a trace. Every kernel of a step goes into one
// operator, so that the operators of the step add up to the time of its kernels:
//
//   - what runs in layers: time / layers, by the tokens of the batch;
//   - attention of prefills: as that of one chunk whose square is the sum of the
//     squares of the requests' (the original simulator's rule), behind all their
//     cached tokens; of decodes by requests and cached tokens;
//   - all-reduce: time / layers / 2, by bytes (fp16);
//   - embedding by tokens, LM head by requests; all else is the operator other.
//
// Operators of layers without a kernel take no time, unless the trace says that
// it leaves them out. spec needs Model, Device and Node; its TP is that of the
// trace. An error is about what the trace lacks.
func Convert(t *Trace, rules Rules, spec vidur.ReplicaSpec) (*Result, error) {
	ref, err := analytic(spec)
	if err != nil {
		return nil, err
	}
	c := &converter{Result: &Result{Trace: t, Spec: spec}, ref: ref, layers: t.Layers, missing: map[string]bool{}}
	c.Notes = append(c.Notes, t.Notes...)
	if c.layers == 0 {
		c.layers = spec.Model.Layers
	}
	for _, name := range t.Missing {
		c.missing[name] = true
	}
	rules.classify(t)
	for i := range t.Steps {
		c.byShape(&t.Steps[i])
	}
	c.unclassified()
	for i := range t.Steps {
		if err := c.step(&t.Steps[i]); err != nil {
			return nil, err
		}
	}
	if spec.TP > 1 && len(t.Steps) > 0 && !c.reduced && !c.missing[allReduce] {
		c.note("the degree of tensor parallelism is %d, and no kernel is an all-reduce: they are taken to cost nothing; --tp gives another degree, and --rules names kernels", spec.TP)
	}
	c.Rows = append(c.Rows, t.Rows...)
	if len(c.Rows) == 0 {
		return nil, errorAt(t.File, 0, "no step and no row in it")
	}
	if c.shared {
		c.note("GEMMs, norms or attention that names and places do not tell apart are divided by the analytic model's shares")
	}
	return c.Result, nil
}

func (c *converter) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !slices.Contains(c.Notes, text) {
		c.Notes = append(c.Notes, text)
	}
}

// unclassified lists kernels that no rule knows.
func (c *converter) unclassified() {
	total, times := 0.0, map[string]float64{}
	for _, s := range c.Trace.Steps {
		for _, k := range s.Kernels {
			total += k.Time
			if k.Op == "" {
				times[k.Name] += k.Time
			}
		}
	}
	for name, us := range times {
		c.Unclassified = append(c.Unclassified, Share{name, us / max(total, math.SmallestNonzeroFloat64)})
	}
	sort.Slice(c.Unclassified, func(i, j int) bool {
		a, b := c.Unclassified[i], c.Unclassified[j]
		return a.Share > b.Share || a.Share == b.Share && a.Name < b.Name
	})
}

// step makes the rows of a step.
func (c *converter) step(s *Step) error {
	if s.Requests <= 0 || s.Tokens < s.Requests {
		return errorAt(c.Trace.File, 0, "step %s: how many requests and tokens it has is not known; give --batch, and --prompt for a prefill", s.Name)
	}
	if s.Tokens > maxTokens || s.Cached > maxTokens {
		return errorAt(c.Trace.File, 0, "step %s: %d tokens behind %d cached ones are more than a step can have", s.Name, s.Tokens, s.Cached)
	}
	if !s.Prefill && s.Tokens != s.Requests {
		return errorAt(c.Trace.File, 0, "step %s: %d tokens of %d requests that decode", s.Name, s.Tokens, s.Requests)
	}
	if !s.Prefill && s.Cached <= 0 {
		return errorAt(c.Trace.File, 0, "step %s: how many tokens are cached is not known; give --prompt or --cached", s.Name)
	}
	if c.Trace.Ordered {
		c.inOrder(s)
	}
	if c.missing[lmHead] {
		headless(s.Kernels)
	}
	ops := c.sum(s)
	c.reduced = c.reduced || ops[vidur.OpAllReduce] > 0
	c.repair(&ops)
	c.emit(s, &ops)
	return nil
}

// inOrder names GEMMs and norms by their places, and notes what does not look like
// the layers that there should be.
func (c *converter) inOrder(s *Step) {
	if !inOrder(s.Kernels) {
		c.note("the GEMMs of a step are not in the order of a layer (QKV, output, up, down): --rules can name them by their modules")
	} else if n := len(split(s.Kernels)) - 1; n != c.layers {
		c.note("a step has attention %d times, and times are divided by %d layers: --layers gives another number, --gap cuts steps apart", n, c.layers)
	}
}

// sum adds the kernels up by operator, in µs.
func (c *converter) sum(s *Step) (ops [vidur.NumOps]float64) {
	groups := map[string]float64{}
	for _, k := range s.Kernels {
		op, known := opByName(k.Op)
		switch {
		case isAttention(k.Op) && s.Prefill:
			ops[vidur.OpAttnPrefill] += k.Time
		case isAttention(k.Op):
			ops[vidur.OpAttnDecode] += k.Time
		case k.Op == groupGEMM, k.Op == groupNorm:
			groups[k.Op] += k.Time
		case k.Op == groupSame:
			groups[groupGEMM] += k.Time
		case !known || op >= vidur.OpSchedule || op == vidur.OpSendRecv:
			ops[vidur.OpOther] += k.Time
		case k.Op == allReduce:
			c.allReduce(&ops, k)
		default:
			ops[op] += k.Time
		}
	}
	if shares := productShares(s); shares != nil {
		groups[groupGEMM] = c.divideBy(&ops, groups[groupGEMM], shares)
	}
	c.divide(&ops, groups[groupGEMM], s, vidur.OpAttnPreProj, vidur.OpAttnPostProj, vidur.OpMLPUp, vidur.OpMLPDown, vidur.OpLMHead)
	c.divide(&ops, groups[groupNorm], s, vidur.OpInputNorm, vidur.OpPostNorm)
	return ops
}

// allReduce books a kernel, or all of them in one entry: one more than two per
// layer is that of the embedding.
func (c *converter) allReduce(ops *[vidur.NumOps]float64, k Kernel) {
	if k.Calls == 2*c.layers+1 {
		one := k.Time / float64(k.Calls)
		ops[vidur.OpEmbed] += one
		k.Time -= one
	}
	ops[vidur.OpAllReduce] += k.Time
}

// divideBy divides the time of GEMMs as that of the products of the host, and is what
// is left of it.
func (c *converter) divideBy(ops *[vidur.NumOps]float64, us float64, shares map[string]float64) float64 {
	total := 0.0
	for op := range vidur.Op(vidur.NumOps) { // in an order, as sums of floats depend on it
		total += shares[op.String()]
	}
	if us == 0 || total == 0 {
		return us
	}
	for op := range vidur.Op(vidur.NumOps) {
		ops[op] += us * shares[op.String()] / total
	}
	c.note("GEMMs are divided by the times of the host's matrix products, which their shapes tell apart")
	return 0
}

// divide divides time over those of a group that have none of their own, or over
// all, by the analytic model's shares.
func (c *converter) divide(ops *[vidur.NumOps]float64, us float64, s *Step, group ...vidur.Op) {
	if us == 0 {
		return
	}
	c.shared = true
	var free []vidur.Op
	for _, op := range group {
		if ops[op] == 0 && !c.missing[op.String()] {
			free = append(free, op)
		}
	}
	if len(free) == 0 {
		free = group
	}
	layer, total := c.ref.ByTokens(s.Tokens).Layer.Ops, 0.0
	weights := make([]float64, len(free))
	for i, op := range free {
		weights[i] = layer[op] * float64(c.layers)
		if op == vidur.OpLMHead {
			weights[i] = c.ref.Logits(s.Requests)
		}
		total += weights[i]
	}
	for i, op := range free {
		ops[op] += us * weights[i] / total
	}
}

// repair moves time from operators that the replica does not have.
func (c *converter) repair(ops *[vidur.NumOps]float64) {
	if c.Spec.TP <= 1 && ops[vidur.OpAllReduce] > 0 {
		c.note("there are all-reduces, but the degree of tensor parallelism is 1: they count as other; --tp gives the degree")
		ops[vidur.OpOther] += ops[vidur.OpAllReduce]
		ops[vidur.OpAllReduce] = 0
	}
	if c.Spec.Model.NoPostNorm {
		ops[vidur.OpInputNorm] += ops[vidur.OpPostNorm]
		ops[vidur.OpPostNorm] = 0
	}
}

// emit appends the rows.
func (c *converter) emit(s *Step, ops *[vidur.NumOps]float64) {
	add := func(op vidur.Op, r Row) {
		if ops[op] == 0 && c.missing[op.String()] {
			return
		}
		r.Op, r.Time, r.Prefill = op.String(), ops[op], s.Prefill
		if op < vidur.OpSendRecv {
			r.Time /= float64(c.layers)
		}
		c.Rows = append(c.Rows, r)
	}
	for op := range vidur.OpSendRecv {
		switch {
		case op == vidur.OpAllReduce || op == vidur.OpAttnPrefill || op == vidur.OpAttnDecode:
		case op == vidur.OpPostNorm && c.Spec.Model.NoPostNorm:
		default:
			add(op, Row{X: s.Tokens})
		}
	}
	if s.Prefill {
		each := float64(s.Tokens) / float64(s.Requests)
		chunk := math.RoundToEven(math.Sqrt(float64(s.Requests) * each * each))
		add(vidur.OpAttnPrefill, Row{X: int(chunk), Cached: s.Cached * s.Requests})
	} else {
		add(vidur.OpAttnDecode, Row{X: s.Requests, Cached: s.Cached})
	}
	if c.Spec.TP > 1 {
		ops[vidur.OpAllReduce] /= 2
		add(vidur.OpAllReduce, Row{Bytes: int64(s.Tokens) * int64(c.Spec.Model.Hidden) * fp16})
	}
	add(vidur.OpEmbed, Row{X: s.Tokens})
	add(vidur.OpLMHead, Row{X: s.Requests})
	add(vidur.OpOther, Row{X: s.Tokens, Batch: s.Requests})
}

const (
	fp16      = 2       // bytes
	maxTokens = 1 << 27 // of a step
)
