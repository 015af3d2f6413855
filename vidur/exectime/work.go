package exectime

import (
	"math"

	"github.com/govidur/govidur/vidur"
)

// Work is what one device does at least for an operator: what the datasheet's
// bound is made of.
type Work struct {
	FLOPs float64 // 0 for pointwise operators and collectives
	Bytes float64 // read from its memory and written to it, every value once; 0 for collectives
}

// Intensity is FLOPs per byte, the horizontal axis of a roofline; 0 without bytes.
func (w Work) Intensity() float64 {
	if w.Bytes == 0 {
		return 0
	}
	return w.FLOPs / w.Bytes
}

// Work is the work of each operator for a batch on one stage, over all its
// layers.
func (o *Operators) Work(b *vidur.Batch, stage int) [vidur.NumOps]Work {
	flops, bytes := o.count(1, math.Inf(1), b, stage), o.count(math.Inf(1), 1, b, stage)
	var work [vidur.NumOps]Work
	for op := range work {
		work[op] = Work{FLOPs: flops[op], Bytes: bytes[op]}
	}
	return work
}

// count is the stage's time by operator, µs, on a device of so many FLOPs and bytes
// per µs that does what it promises, between links that take no time. Of a device
// that does one per µs, and the other in no time, it is how many there are.
func (o *Operators) count(peak, bandwidth float64, b *vidur.Batch, stage int) [vidur.NumOps]float64 {
	free := curve{Bandwidth: math.Inf(1)}
	p := &analyticPredictor{
		gpu: o.p.gpu.Bound(), network: &Network{devices: 1, sendNear: free, sendFar: free},
		model: o.p.model, heads: o.p.heads, tp: o.p.tp, layers: o.p.layers, last: o.p.last,
	}
	p.gpu.peak, p.gpu.bandwidth = peak, bandwidth
	p.tokens.Make, p.logits.Make = p.perToken, p.head
	t, _ := p.StageTime(b, stage) // the formulas have no errors
	parts := t.Parts()
	for op := range parts {
		parts[op] *= usPerMs
	}
	return parts
}
