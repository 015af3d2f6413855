package trained

import (
	"math"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
)

// predictor answers for the replica. Everything is made when it is first asked
// for, and depends on nothing but the key.
type predictor struct {
	*Trained
	over    exectime.Overheads
	layers  int                   // of a stage
	last    int                   // stage
	rows    [2]exectime.Memo[row] // by phase; the first only where no operator depends on it
	rounded exectime.Memo[row]    // measured operators, by tokens / RoundTokens
	cpu     exectime.Memo[cpuTimes]
	decode  *grid // by requests and cached tokens / KVStep; nil without a profile
	prefill *grid // by cached tokens / KVStep and chunk; nil without a profile
	hasCPU  bool
	phased  bool // operators were imported
	head    bool // the LM head runs
}

// row is what depends on the number of tokens only.
type row struct {
	layer  vidur.StageTime
	embed  float64
	send   [2]float64 // to a stage in the same node, and in another
	beyond int64      // operators beyond their profiles
	sent   int64      // the same of sending
}

const cpuOps = vidur.NumOps - int(vidur.OpSchedule)

type cpuTimes struct {
	ms     [cpuOps]float64
	beyond int64
}

// Extents of what is remembered of attention; larger keys are computed anew.
const (
	maxRequests = 1024
	maxCached   = 1 << 17 // tokens
	maxChunk    = 1 << 13 // tokens
)

func newPredictor(t *Trained) *predictor {
	p := &predictor{
		Trained: t, over: t.options.Over.Overheads(&t.spec),
		layers: t.spec.Model.Layers / max(t.spec.PP, 1), last: max(t.spec.PP, 1) - 1,
		head: t.ops[vidur.OpLMHead].runs,
	}
	p.rounded.Make, p.cpu.Make = p.makeRounded, p.makeCPU
	for i := range p.rows {
		p.rows[i].Make = func(n int, r *row) { p.makeRow(n, phase(i), r) }
	}
	steps := maxCached/t.options.KVStep + 1
	if o := &t.ops[vidur.OpAttnDecode]; o.model != nil {
		p.decode = newGrid(maxRequests+1, steps, func(n, i int) (float64, bool) { return p.attention(o, n, i) })
	}
	if o := &t.ops[vidur.OpAttnPrefill]; o.model != nil {
		p.prefill = newGrid(steps, maxChunk+1, func(i, chunk int) (float64, bool) { return p.attention(o, chunk, i) })
	}
	for i := range t.ops {
		p.phased = p.phased || t.ops[i].known != nil
	}
	for op := vidur.OpSchedule; int(op) < vidur.NumOps; op++ {
		p.hasCPU = p.hasCPU || t.ops[op].model != nil || t.ops[op].known != nil
	}
	return p
}

// attention is the time at i steps of cached tokens. Within a step of the profile
// the key lies beyond it because it was rounded up, which does not count.
func (p *predictor) attention(o *operator, x, i int) (ms float64, beyond bool) {
	cached := i * p.options.KVStep
	ms, beyond = o.at(x, cached)
	if beyond {
		px, py := o.edge.project(float64(x), float64(cached))
		beyond = px != float64(x) || math.Abs(float64(cached)-py) >= float64(p.options.KVStep)
	}
	return ms, beyond
}

// StageTime looks the operators up. The order of the float operations on measured
// times is the original simulator's; the conversions keep a compiler from fusing
// them.
func (p *predictor) StageTime(b *vidur.Batch, stage int) (t vidur.StageTime, err error) {
	ph := p.phase(b)
	r := p.rows[ph].Get(b.NumTokens)
	t = r.layer
	beyond := r.beyond
	logits := b.NumDecodes
	if b.NumDecodes > 0 {
		t.Ops[vidur.OpAttnDecode] = p.decodeTime(b, &beyond)
	}
	if b.PrefillTokens > 0 {
		ms, finished := p.prefillTime(b, &beyond)
		t.Ops[vidur.OpAttnPrefill] = ms
		logits += finished
	}
	if stage == 0 {
		t.Ops[vidur.OpEmbed] = r.embed
	}
	if stage < p.last {
		far := 0
		if p.ref.Network().Far(stage) {
			far = 1
		}
		t.Ops[vidur.OpSendRecv] = r.send[far]
		beyond += r.sent
	} else if p.head && logits > 0 {
		t.Ops[vidur.OpLMHead] = p.ops[vidur.OpLMHead].byTokens(logits, ph, &beyond)
	}
	if o := &p.ops[vidur.OpOther]; o.known != nil && stage == p.last {
		t.Ops[vidur.OpOther] = o.imported(b.NumTokens, b.Len(), ph, &beyond)
	}
	if p.hasCPU {
		c := p.cpu.Get(b.Len())
		copy(t.Ops[vidur.OpSchedule:], c.ms[:])
		beyond += c.beyond
	}
	if beyond > 0 {
		p.beyond.Add(beyond)
	}
	return t, nil
}

// phase is that of most tokens of a batch, where operators depend on it.
func (p *predictor) phase(b *vidur.Batch) phase {
	if p.phased && 2*b.PrefillTokens > b.NumTokens {
		return inPrefill
	}
	return inDecode
}

func (p *predictor) decodeTime(b *vidur.Batch, beyond *int64) float64 {
	if o := &p.ops[vidur.OpAttnDecode]; o.known != nil || o.zero {
		n, cached := exectime.DecodeKey(b, 1)
		return o.imported(n, cached, inDecode, beyond)
	}
	if p.decode == nil {
		context := float64(b.DecodeCached) / float64(b.NumDecodes)
		ms := p.ref.Decode(b.NumDecodes, context)
		if fix := p.ops[vidur.OpAttnDecode].fix; fix != nil {
			ms = max(fix.apply(ms, 0), p.ref.Bound().Decode(b.NumDecodes, context))
		}
		return ms
	}
	n, cached := exectime.DecodeKey(b, p.options.KVStep)
	ms := p.decode.get(n, cached/p.options.KVStep, beyond)
	if n > 1 {
		return float64(ms * p.over.DecodeFactor)
	}
	return ms
}

// prefillTime is the attention of the slots that prefill, in ms, and how many of
// them finish their prompt.
func (p *predictor) prefillTime(b *vidur.Batch, beyond *int64) (ms float64, finished int) {
	if p.prefill == nil {
		ms, finished = p.ref.PrefillBatch(b)
		if o := &p.ops[vidur.OpAttnPrefill]; o.known != nil || o.zero {
			cached, chunk, _ := exectime.PrefillKey(b, 1)
			ms = o.imported(chunk, cached, inDecode, beyond)
		} else if fix := o.fix; fix != nil {
			least, _ := p.ref.Bound().PrefillBatch(b)
			ms = max(fix.apply(ms, 0), least)
		}
		return ms, finished
	}
	cached, chunk, n := exectime.PrefillKey(b, p.options.KVStep)
	ms = p.prefill.get(cached/p.options.KVStep, chunk, beyond)
	if n > 1 {
		ms = float64(ms * p.over.PrefillFactor)
	}
	if !p.head {
		return ms, 0
	}
	for i := len(b.Slots) - 1; n > 0; i-- { // schedulers put them last
		s := &b.Slots[i]
		if s.Decode {
			continue
		}
		n--
		if int(s.Cached+s.Tokens) >= s.Request.Prompt {
			finished++
		}
	}
	return ms, finished
}

// makeRow puts the operators of n tokens together: measured ones at n rounded up,
// but for writing the KV cache, and analytic ones at n.
func (p *predictor) makeRow(n int, ph phase, r *row) {
	*r = *p.rounded.Get((n + exectime.RoundTokens - 1) / exectime.RoundTokens)
	for op := range vidur.OpSendRecv {
		o := &p.ops[op]
		if op == vidur.OpAttnDecode || op == vidur.OpAttnPrefill || o.model != nil && op != vidur.OpKVSave {
			continue
		}
		r.layer.Ops[op] = o.byTokens(n, ph, &r.beyond)
	}
	r.embed = p.ops[vidur.OpEmbed].byTokens(n, ph, &r.beyond)
	if o := &p.ops[vidur.OpSendRecv]; o.known != nil && n > 0 {
		ms := o.imported(n, 0, inDecode, &r.sent)
		r.send = [2]float64{ms, ms}
	} else if o.runs && o.model == nil && n > 0 {
		least := p.ref.Bound().ByTokens(n).Send
		for far, ms := range p.ref.ByTokens(n).Send {
			r.send[far] = max(o.fix.apply(ms, float64(n)), least[far])
		}
	}
}

// makeRounded looks the measured operators up.
func (p *predictor) makeRounded(i int, r *row) {
	n := i * exectime.RoundTokens
	r.layer.Layers = p.layers
	for op := range vidur.OpSendRecv {
		o := &p.ops[op]
		if o.model != nil && o.runs && op != vidur.OpKVSave && op != vidur.OpAttnDecode && op != vidur.OpAttnPrefill {
			r.layer.Ops[op] = o.byTokens(n, inDecode, &r.beyond)
		}
	}
	if o := &p.ops[vidur.OpAllReduce]; o.model != nil && o.runs {
		r.layer.Ops[vidur.OpAllReduce] = r.layer.Ops[vidur.OpAllReduce] + p.over.LaunchMs + p.over.SkewMs
	}
	if o := &p.ops[vidur.OpSendRecv]; o.model != nil {
		ms := o.byTokens(n, inDecode, &r.sent)
		r.send = [2]float64{ms, ms} // the profile is of the kind of link that the replica needs
	}
}

// makeCPU looks the CPU operators of n requests up.
func (p *predictor) makeCPU(n int, c *cpuTimes) {
	for i := range c.ms {
		if o := &p.ops[int(vidur.OpSchedule)+i]; o.model != nil || o.known != nil {
			c.ms[i] = o.byTokens(n, inDecode, &c.beyond)
		}
	}
}

// SumsOnly marks it as one that needs no requests that only decode.
func (p *predictor) SumsOnly() {}
