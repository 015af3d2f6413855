package trained

import (
	"math"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
	"github.com/govidur/govidur/vidur/exectime/learn"
)

// operator is one operator of the replica: measured if it has a model, otherwise
// analytic with a correction, which may be nil.
type operator struct {
	Provenance
	runs  bool // the replica has it
	model learn.Model
	edge  *edge
	ref   reference
	clamp bool
	slope float64 // ms per unit outside of the edge, of operators that have no formula
	zero  bool    // it takes no time
	fix   *correction
	known *surface // of an imported operator, in place of a model

	drawn  int // numbers of the original's stream that it and those before it took
	lender int // the degree of tensor parallelism whose rows it was learnt from; 0 if its own
}

// reference gives the analytic time of an operator by size.
type reference struct {
	*exectime.Operators
	far int // 1 if stages lie in different nodes
}

// at is the analytic time in ms of x tokens, requests or chunk with y cached
// tokens; 0 for operators without a formula.
func (r reference) at(op vidur.Op, x, y int) float64 {
	switch op {
	case vidur.OpAttnDecode:
		return r.DecodeGrowing(x, float64(y))
	case vidur.OpAttnPrefill:
		return r.Prefill(x, y)
	case vidur.OpSendRecv:
		return r.ByTokens(x).Send[r.far]
	case vidur.OpEmbed:
		return r.ByTokens(x).Embed
	case vidur.OpLMHead:
		return r.Logits(x)
	}
	return r.ByTokens(x).Layer.Ops[op]
}

// bound is the least that the datasheet allows, in ms.
func (r reference) bound(op vidur.Op, x, y int) float64 {
	return reference{r.Bound(), r.far}.at(op, x, y)
}

// hasFormula reports whether the analytic model has the operator.
func hasFormula(op vidur.Op) bool { return op < vidur.OpOther }

// at is the time in ms at a size, and whether that lies beyond the profile.
func (o *operator) at(x, y int) (ms float64, beyond bool) {
	px, py := o.edge.project(float64(x), float64(y))
	if px == float64(x) && (py == float64(y) || o.edge.ys == nil) {
		return o.measured(px, py), false
	}
	if o.clamp {
		return o.measured(float64(x), float64(y)), true
	}
	ms = o.measured(px, py)
	if !hasFormula(o.Op) {
		return max(ms+o.slope*(float64(x)-px), 0), true
	}
	// The formulas take whole tokens. A profiled size is one, but for y between
	// two profiled x.
	fx, fy := int(px), int(py)
	from, to := o.ref.at(o.Op, fx, fy), o.ref.at(o.Op, x, y)
	if !(from > 0) {
		return ms, true
	}
	t := ms * (to / from)
	if b := o.ref.bound(o.Op, fx, fy); b > 0 {
		t = max(t, o.ref.bound(o.Op, x, y)*min(1, ms/b))
	}
	return t, true
}

// measured asks the model. A regression may give less than nothing, which the
// original takes as it is; here it is the datasheet's bound.
func (o *operator) measured(x, y float64) float64 {
	var buf [2]float64
	features := append(buf[:0], x)
	switch o.Op {
	case vidur.OpAttnDecode:
		features = append(features, y)
	case vidur.OpAttnPrefill:
		features = append(buf[:0], y, x*x)
	}
	ms := o.model.Predict(features)
	if o.clamp && !math.IsNaN(ms) || ms > 0 && !math.IsInf(ms, 0) {
		return ms
	}
	if !hasFormula(o.Op) {
		return 0
	}
	return o.ref.bound(o.Op, int(x), int(y))
}

// byTokens is the time in ms of a batch of n tokens, for all but attention.
func (o *operator) byTokens(n int, p phase, beyond *int64) float64 {
	switch {
	case !o.runs || o.zero || n <= 0:
		return 0
	case o.known != nil:
		return o.imported(n, 0, p, beyond)
	case o.model == nil && o.fix == nil:
		return o.ref.at(o.Op, n, 0)
	case o.model == nil:
		return max(o.fix.apply(o.ref.at(o.Op, n, 0), float64(n)), o.ref.bound(o.Op, n, 0))
	}
	ms, far := o.at(n, 0)
	if far {
		*beyond++
	}
	return ms
}
