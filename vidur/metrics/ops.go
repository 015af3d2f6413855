package metrics

import (
	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/internal/sketch"
)

// opMetric is the time of an operator, in ms, under the original's name.
type opMetric struct {
	name string
	op   vidur.Op
	kind opKind
}

type opKind uint8

const (
	layerOp   opKind = iota // counted once per layer
	phaseOp                 // counted once per layer if it ran
	addOp                   // counted once per layer; twice the time in the original
	stageOp                 // counted once per stage
	cpuOp                   // counted once per stage; in the file of the CPU
	modelOp                 // the whole stage on the device, with the CPU's
	furtherOp               // not of the original; counted once per stage if it ran
)

var opMetrics = [...]opMetric{
	{"mlp_up_proj", vidur.OpMLPUp, layerOp},
	{"mlp_activation", vidur.OpMLPAct, layerOp},
	{"mlp_down_proj", vidur.OpMLPDown, layerOp},
	{"mlp_down_proj_all_reduce", vidur.OpAllReduce, layerOp},
	{"attn_pre_proj", vidur.OpAttnPreProj, layerOp},
	{"attn_post_proj", vidur.OpAttnPostProj, layerOp},
	{"attn_post_proj_all_reduce", vidur.OpAllReduce, layerOp},
	{"attn_prefill", vidur.OpAttnPrefill, phaseOp},
	{"attn_kv_cache_save", vidur.OpKVSave, layerOp},
	{"attn_decode", vidur.OpAttnDecode, phaseOp},
	{"attn_rope", vidur.OpAttnRope, layerOp},
	{"pipeline_send_recv", vidur.OpSendRecv, stageOp},
	{"add", vidur.OpAdd, addOp},
	{"input_layernorm", vidur.OpInputNorm, layerOp},
	{"post_attention_layernorm", vidur.OpPostNorm, layerOp},
	{"emb", vidur.OpEmbed, furtherOp},
	{"lm_head", vidur.OpLMHead, furtherOp},
	{"other", vidur.OpOther, furtherOp},
	{"schedule", vidur.OpSchedule, cpuOp},
	{"sample_e2e", vidur.OpSampler, cpuOp},
	{"prepare_inputs_e2e", vidur.OpPrepareInputs, cpuOp},
	{"model_execution_e2e", 0, modelOp},
	{"process_model_outputs", vidur.OpProcessOutputs, cpuOp},
	{"ray_comm_time", vidur.OpComm, cpuOp},
}

// onCPU reports whether the metric stands in the file of CPU operators.
func (m *opMetric) onCPU() bool { return m.kind == cpuOp || m.kind == modelOp }

// operations are the distributions of operator times, over layers and stages,
// and their means per batch.
type operations struct {
	keep, original bool

	times [len(opMetrics)]sketch.Sketch
	rows  list[opRow] // by batch ID
	order list[int32] // batch IDs in order of their first stage
}

// opRow sums the times of a batch over its stages, per operator.
type opRow struct {
	ms     [len(opMetrics)]float64
	stages [len(opMetrics)]int16 // that counted; all layers of one took as long
}

// record counts the operators of the stage that b begins.
func (o *operations) record(b *vidur.Batch) {
	var row *opRow
	if o.keep {
		known := b.ID < o.rows.n && o.rows.at(b.ID).stages[len(opMetrics)-1] > 0
		if row = o.rows.reach(b.ID); !known {
			o.order.push(int32(b.ID))
		}
	}
	for i := range opMetrics {
		ms, n := o.count(&opMetrics[i], &b.Time)
		if n == 0 {
			continue
		}
		o.times[i].AddN(ms, n)
		if row != nil {
			row.ms[i] += ms
			row.stages[i]++
		}
	}
}

// count is the time of an operator in a stage, ms, and how often it counts.
func (o *operations) count(m *opMetric, t *vidur.StageTime) (ms float64, n int) {
	ms = t.Ops[m.op]
	switch m.kind {
	case layerOp:
		return ms, t.Layers
	case phaseOp:
		if ms == 0 {
			return 0, 0
		}
		return ms, t.Layers
	case addOp:
		if o.original {
			ms *= 2
		}
		return ms, t.Layers
	case modelOp:
		return t.Model() * 1e3, 1
	case furtherOp:
		if ms == 0 {
			return 0, 0
		}
	}
	return ms, 1
}

// mean is the mean over the stages that counted, ms; false if none did.
func (r *opRow) mean(i int) (float64, bool) {
	return r.ms[i] / float64(r.stages[i]), r.stages[i] > 0
}
