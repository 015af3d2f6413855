package metrics

import (
	"math"

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

// changes reports whether the metric changes with attention.
func (m *opMetric) changes() bool { return m.kind == phaseOp || m.kind == modelOp }

// changing are the metrics that do, by their place in opMetrics.
var changing = func() (list []int) {
	for i := range opMetrics {
		if opMetrics[i].changes() {
			list = append(list, i)
		}
	}
	return list
}()

// operations are the distributions of operator times, over layers and stages,
// and their means per batch.
type operations struct {
	keep, original bool

	times [len(opMetrics)]sketch.Sketch
	seen  [opPatterns]opPattern // stages that are not in times
	rows  list[opRow]           // by batch ID
	order list[int32]           // batch IDs in order of their first stage
}

// opPattern is the operators of a stage but for attention, which came so many
// times: they depend on the number of tokens only, so there are few that differ.
type opPattern struct {
	time  vidur.StageTime
	times int
}

const opPatterns = 64 // a power of two

// is reports whether the operators are those of t, but for attention.
func (p *opPattern) is(t *vidur.StageTime) bool {
	const from, to = vidur.OpAttnDecode, vidur.OpAttnPrefill + 1 // the two of attention
	return p.time.Layers == t.Layers && [from]float64(p.time.Ops[:from]) == [from]float64(t.Ops[:from]) &&
		[vidur.NumOps - int(to)]float64(p.time.Ops[to:]) == [vidur.NumOps - int(to)]float64(t.Ops[to:])
}

// pattern is where the operators of t are counted.
func pattern(t *vidur.StageTime) int {
	const golden = 0x9e3779b97f4a7c15 // 2^64 over the golden ratio
	return int((math.Float64bits(t.Ops[vidur.OpMLPUp]) ^ math.Float64bits(t.Ops[vidur.OpOther])) * golden >> (64 - 6))
}

// flush adds what a pattern counted to the distributions.
func (o *operations) flush(p *opPattern) {
	if p.times == 0 {
		return
	}
	for i := range opMetrics {
		if m := &opMetrics[i]; !m.changes() {
			if ms, n := o.count(m, &p.time); n > 0 {
				o.times[i].AddN(ms, n*p.times)
			}
		}
	}
	p.times = 0
}

// sketch is the distribution of an operator.
func (o *operations) sketch(i int) *sketch.Sketch {
	for j := range o.seen {
		o.flush(&o.seen[j])
	}
	return &o.times[i]
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
	t := &b.Time
	p := &o.seen[pattern(t)]
	if !p.is(t) {
		o.flush(p)
		p.time = *t
	}
	p.times++
	for _, i := range changing {
		if ms, n := o.count(&opMetrics[i], t); n > 0 {
			o.times[i].AddN(ms, n)
		}
	}
	if row != nil {
		row.add(o, t)
	}
}

// add adds the operators of a stage to those of its batch.
func (r *opRow) add(o *operations, t *vidur.StageTime) {
	for i := range opMetrics {
		if ms, n := o.count(&opMetrics[i], t); n > 0 {
			r.ms[i] += ms
			r.stages[i]++
		}
	}
}

// count is how long an operator took, ms, and how often it counts.
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
