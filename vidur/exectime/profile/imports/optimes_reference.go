package imports

import (
	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
)

// reference is the analytic model of the replica that was traced. A nil one knows
// nothing.
type reference struct {
	ops    *exectime.Operators
	layers int
}

// newReference is nil without a model or a device.
func newReference(o Options) (*reference, error) {
	spec := o.Spec
	if spec.Model.Name == "" || spec.Device.Name == "" {
		return nil, nil
	}
	spec.TP, spec.PP = max(spec.TP, 1), 1
	ops, err := analytic(spec)
	if err != nil {
		return nil, err
	}
	layers := o.Layers
	if layers == 0 {
		layers = spec.Model.Layers
	}
	return &reference{ops: ops, layers: layers}, nil
}

// times are the operators of a step, µs over all layers.
func (r *reference) times(s *Step) [vidur.NumOps]float64 {
	t := r.ops.ByTokens(s.Tokens).Layer
	t.Layers = r.layers
	n := max(s.Requests, 1)
	if s.Prefill {
		t.Ops[vidur.OpAttnPrefill] = float64(n) * r.ops.Prefill(max(s.Tokens/n, 1), s.Cached)
	} else {
		t.Ops[vidur.OpAttnDecode] = r.ops.Decode(n, float64(s.Cached))
	}
	t.Ops[vidur.OpEmbed] = r.ops.ByTokens(s.Tokens).Embed
	t.Ops[vidur.OpLMHead] = r.ops.Logits(n)
	parts := t.Parts()
	for op := range parts {
		parts[op] *= usPerMs
	}
	return parts
}

// calls is how often an operator runs in a step.
func (r *reference) calls(op vidur.Op) int {
	switch {
	case op == vidur.OpAllReduce:
		return 2 * r.layers
	case op >= vidur.OpSendRecv:
		return 1
	}
	return r.layers
}

// share breaks a time of several operators down as the model has them in the step.
// Where the model does not help, it stays whole: the time of the one operator, or
// what k says.
func (r *reference) share(k Kernel, ops []vidur.Op, s *Step) []Kernel {
	if len(ops) == 1 {
		k.Op = ops[0].String()
		return []Kernel{k}
	}
	if r == nil {
		return []Kernel{k}
	}
	parts, sum := r.times(s), 0.0
	for _, op := range ops {
		sum += parts[op]
	}
	if !(sum > 0) {
		return []Kernel{k}
	}
	var list []Kernel
	for _, op := range ops {
		if parts[op] > 0 {
			p := k
			p.Op, p.Calls, p.Time = op.String(), r.calls(op), k.Time*parts[op]/sum
			list = append(list, p)
		}
	}
	return list
}
