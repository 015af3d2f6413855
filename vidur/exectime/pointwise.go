package exectime

import "math"

// Pointwise is an operator that does a few FLOPs per value that it moves.
type Pointwise string

// The pointwise operators, and which bytes they move for m tokens of a width
// in values.
const (
	RMSNorm   Pointwise = "rms_norm"   // reads and writes: 4 bytes per value
	LayerNorm Pointwise = "layer_norm" // the same
	SiLUMul   Pointwise = "silu_mul"   // reads gate and up, writes one: 6
	GELU      Pointwise = "gelu"       // 4
	Rope      Pointwise = "rope"       // query and key, in place: 4
	Add       Pointwise = "add"        // 6
	AddTwo    Pointwise = "add_two"    // the residual and two outputs, one result: 8
	Embed     Pointwise = "embed"      // 4
)

func (op Pointwise) bytesPerValue() float64 {
	switch op {
	case SiLUMul, Add:
		return 6
	case AddTwo:
		return 8
	}
	return 4
}

const pointwiseNorm = 3 // exponent that joins the two times

// Pointwise is the time in µs of op on m tokens of so many values each:
//
//	launch + ((waves · perWidth · width/1000)^3 + memory^3)^(1/3)
//	memory = bytes / (bandwidth · efficiency · (1 + gain · exp(-(bytes/L2)²)))
//
// with waves = ceil(m / 2 SMs), or 1 for Add, AddTwo and GELU. Source: fitted to
// mlp.csv of microsoft/vidur; 4 to 8 % mean absolute error, on fitted cards.
// The times are those of kernels that do one thing; fused ones are faster.
func (g *GPU) Pointwise(op Pointwise, m, width int) float64 {
	return g.pointwiseBytes(op, m, width, op.bytesPerValue()*float64(m)*float64(width))
}

func (g *GPU) pointwiseBytes(op Pointwise, m, width int, bytes float64) float64 {
	f, ok := g.pointwise[string(op)]
	if m <= 0 || width <= 0 || !ok {
		return 0
	}
	waves := 1.0
	if op != Add && op != AddTwo && op != GELU {
		waves = math.Ceil(float64(m) / (2 * g.sms))
	}
	gain := 1.0
	if g.l2 > 0 {
		x := bytes / g.l2
		gain += f.L2Gain * math.Exp(-x*x)
	}
	memory := bytes / (g.bandwidth * f.Efficiency * gain)
	us := f.Launch + norm(waves*f.PerWidth*float64(width)/1000, memory, pointwiseNorm)
	return g.atLeast(us, 0, bytes)
}

// kvSaveEfficiency of the bandwidth is what copies reach.
const kvSaveEfficiency = 0.85

// KVSave is the time in µs of writing the keys and values of m tokens into the
// cache: the launch of an Add, and 8 bytes per token, KV head and value of its
// width (keys and values, read and written) at 85 % of the bandwidth. No profile
// has it: the rule is not validated, and the original simulator takes 0.
func (g *GPU) KVSave(m, kvHeads, headDim int) float64 {
	if m <= 0 || kvHeads <= 0 {
		return 0
	}
	bytes := 8 * float64(m) * float64(kvHeads) * float64(headDim)
	return g.atLeast(g.pointwise[string(Add)].Launch+bytes/(kvSaveEfficiency*g.bandwidth), 0, bytes)
}
