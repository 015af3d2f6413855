package vidur

import "fmt"

// Op is an operator of a transformer layer, or a part of an iteration outside
// of the layers.
type Op uint8

// The operators. All but the last group run once per layer.
const (
	OpAttnPreProj  Op = iota // QKV projection
	OpAttnPostProj           // attention output projection
	OpAttnRope               // rotary embedding
	OpKVSave                 // writing keys and values into the cache
	OpAttnDecode             // attention of the slots that decode
	OpAttnPrefill            // attention of the slots that prefill
	OpAllReduce              // tensor-parallel all-reduce; twice per layer
	OpInputNorm
	OpMLPUp // up and gate projection
	OpMLPDown
	OpMLPAct
	OpPostNorm
	OpAdd // residual add

	OpSendRecv // to the next pipeline stage
	OpEmbed    // token embedding, on the first stage
	OpLMHead   // final norm and vocabulary projection, on the last stage
	OpOther    // time that a predictor does not break down

	OpSchedule       // CPU: forming the batch
	OpSampler        // CPU: sampling
	OpPrepareInputs  // CPU: preparing the inputs
	OpProcessOutputs // CPU: processing the outputs
	OpComm           // CPU: talking to the workers

	NumOps int = iota
)

var opNames = [NumOps]string{
	"attn_pre_proj", "attn_post_proj", "attn_rope", "attn_kv_cache_save", "attn_decode", "attn_prefill",
	"all_reduce", "input_layernorm", "mlp_up_proj", "mlp_down_proj", "mlp_act", "post_attention_layernorm", "add",
	"send_recv", "emb", "lm_head", "other",
	"schedule", "sampler_e2e", "prepare_inputs_e2e", "process_model_outputs", "ray_comm_time",
}

// String is the operator's name in profiles.
func (op Op) String() string {
	if int(op) >= NumOps {
		return fmt.Sprintf("Op(%d)", op)
	}
	return opNames[op]
}

// MarshalText is String.
func (op Op) MarshalText() ([]byte, error) { return []byte(op.String()), nil }

// StageTime is what one pipeline stage takes for one batch, by operator.
type StageTime struct {
	Layers int             // transformer layers of the stage
	Ops    [NumOps]float64 // ms; of one layer where the operator runs in each
}

// Seconds is a StageTime of s seconds that is not broken down into operators.
func Seconds(s float64) StageTime {
	var t StageTime
	t.Ops[OpOther] = s * 1e3
	return t
}

// Model is the time of the operators on the device, in seconds. The order of
// the additions is the original simulator's: another one differs in the last
// bits. The conversions keep a compiler from fusing them.
func (t *StageTime) Model() float64 {
	o := &t.Ops
	attention := o[OpAttnPreProj] + o[OpAttnPostProj] + o[OpAttnRope] + o[OpKVSave] +
		o[OpAttnDecode] + o[OpAttnPrefill] + o[OpAllReduce] + o[OpInputNorm]
	mlp := o[OpMLPUp] + o[OpMLPDown] + o[OpMLPAct] + o[OpAllReduce] + o[OpPostNorm]
	layers := float64((attention + mlp + o[OpAdd]) * float64(t.Layers))
	return float64((layers + o[OpSendRecv] + o[OpEmbed] + o[OpLMHead] + o[OpOther]) * 1e-3)
}

// CPU is the overhead on the host, in seconds, during which the stage is busy too.
func (t *StageTime) CPU() float64 {
	o := &t.Ops
	return float64((o[OpSchedule] + o[OpSampler] + o[OpPrepareInputs] + o[OpProcessOutputs] + o[OpComm]) * 1e-3)
}

// Parts are the milliseconds of each operator over all layers, by its number.
// They add up to Total, but for rounding.
func (t *StageTime) Parts() [NumOps]float64 {
	parts := t.Ops
	for op := range OpSendRecv { // what runs in every layer
		parts[op] *= float64(t.Layers)
	}
	parts[OpAllReduce] *= 2 // after attention and after the MLP
	return parts
}

// Total is the time the stage is busy, in seconds.
func (t *StageTime) Total() float64 { return t.Model() + t.CPU() }
