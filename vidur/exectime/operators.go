package exectime

import (
	"math"

	"github.com/govidur/govidur/vidur"
)

// Operators are the analytic times of one kind of replica, operator by operator,
// in ms. It is safe for concurrent use, and remembers what depends on the number
// of tokens only.
type Operators struct {
	p     *analyticPredictor
	bound *Operators // what the datasheet allows; nil in itself
}

// TokenTimes are the times, in ms, that depend on the number of tokens only.
type TokenTimes struct {
	Layer vidur.StageTime // of a layer, without attention
	Embed float64         // on the first stage
	Send  [2]float64      // to a stage in the same node, and in another
}

// Operators are the formulas behind the predictor of a replica.
func (a *Analytic) Operators(spec vidur.ReplicaSpec) (*Operators, error) {
	p, err := a.newPredictor(spec)
	if err != nil {
		return nil, err
	}
	floor, err := a.newPredictor(spec)
	if err != nil {
		return nil, err
	}
	floor.gpu, floor.network, floor.launchUs = p.gpu.Bound(), p.network.bound(), 0
	return &Operators{p: p, bound: &Operators{p: floor}}, nil
}

// Bound are the same operators as the datasheets promise them: no operator of
// the analytic model is faster.
func (o *Operators) Bound() *Operators {
	if o.bound == nil {
		return o
	}
	return o.bound
}

// Fitted is the card whose figures the operators have, or "" for the mean of
// several.
func (o *Operators) Fitted() string { return o.p.gpu.Fitted }

// FitError is the mean error, in percent, of an operator's figures on the
// measurements that they were fitted to, where a device file says it.
func (o *Operators) FitError(op vidur.Op) (percent float64, ok bool) {
	percent, ok = o.p.gpu.errors[o.p.formula(op)]
	return percent, ok
}

// Network is that of the replica.
func (o *Operators) Network() *Network { return o.p.network }

// ByTokens are the operators of n tokens. The result must not be changed.
func (o *Operators) ByTokens(n int) *TokenTimes { return o.p.tokens.Get(n) }

// Decode is the attention of so many requests, ms; see [GPU.AttnDecode].
func (o *Operators) Decode(requests int, context float64) float64 {
	return o.p.gpu.AttnDecode(requests, context, o.p.heads) / usPerMs
}

// DecodeGrowing is Decode, but no less than that of fewer requests: where the
// formula for few thread blocks ends, the one for many begins lower.
func (o *Operators) DecodeGrowing(requests int, context float64) float64 {
	p := o.p
	few := int(math.Ceil(decodeFewer*p.gpu.sms/float64(max(p.heads.KV, 1)))) - 1
	ms := o.Decode(requests, context)
	if requests > few {
		ms = max(ms, o.Decode(few, context))
	}
	return ms
}

// Prefill is the attention of a chunk, ms; see [GPU.AttnPrefill].
func (o *Operators) Prefill(chunk, cached int) float64 {
	return o.p.gpu.AttnPrefill(chunk, cached, o.p.heads) / usPerMs
}

// PrefillBatch is the attention of the slots of a batch that prefill, ms, and how
// many of them finish their prompt.
func (o *Operators) PrefillBatch(b *vidur.Batch) (ms float64, finished int) {
	us, finished := o.p.prefill(b)
	return us / usPerMs, finished
}

// Logits is the LM head for n positions, ms.
func (o *Operators) Logits(n int) float64 {
	if n <= 0 {
		return 0
	}
	return *o.p.logits.Get(n)
}
