package exectime

import "github.com/govidur/govidur/vidur"

// analyticPredictor answers for one kind of replica. What depends on the number
// of tokens only is remembered; attention is computed anew, which is as fast as
// looking it up.
type analyticPredictor struct {
	gpu      *GPU
	network  *Network
	model    vidur.Model
	heads    Heads // on one device
	tp       int
	layers   int // of a stage
	last     int // stage
	launchUs float64

	tokens Memo[TokenTimes]
	logits Memo[float64] // ms of the LM head
}

// StageTime computes the operators. A batch that prefills and decodes has both
// kinds of attention, one after the other.
func (p *analyticPredictor) StageTime(b *vidur.Batch, stage int) (vidur.StageTime, error) {
	row := p.tokens.Get(b.NumTokens)
	t := row.Layer
	if b.NumDecodes > 0 {
		context := float64(b.DecodeCached) / float64(b.NumDecodes)
		t.Ops[vidur.OpAttnDecode] = p.gpu.AttnDecode(b.NumDecodes, context, p.heads) / usPerMs
	}
	logits := b.NumDecodes
	if b.PrefillTokens > 0 {
		us, finished := p.prefill(b)
		t.Ops[vidur.OpAttnPrefill] = us / usPerMs
		logits += finished
	}
	if stage == 0 {
		t.Ops[vidur.OpEmbed] = row.Embed
	}
	if stage < p.last {
		far := 0
		if p.network.Far(stage) {
			far = 1
		}
		t.Ops[vidur.OpSendRecv] = row.Send[far]
	} else if logits > 0 {
		t.Ops[vidur.OpLMHead] = *p.logits.Get(logits)
	}
	return t, nil
}

// prefill is the attention of the slots that prefill, in µs, and how many of
// them finish their prompt.
func (p *analyticPredictor) prefill(b *vidur.Batch) (us float64, finished int) {
	var sum prefillSum
	for i := range b.Slots {
		s := &b.Slots[i]
		if s.Decode {
			continue
		}
		sum.add(int(s.Tokens), int(s.Cached))
		if int(s.Cached+s.Tokens) >= s.Request.Prompt {
			finished++
		}
	}
	return p.gpu.prefillTime(&sum, &p.heads), finished
}

const usPerMs = 1e3

// perToken computes the operators of a layer, and those beside the layers, for n
// tokens: the GEMMs of attention and MLP by their part of the columns or rows
// on one of TP devices. The residual is added twice per layer and counted once,
// as the original simulator does: engines do one of the two inside the norm.
func (p *analyticPredictor) perToken(n int, v *TokenTimes) {
	g, m, h := p.gpu, &p.model, &p.heads
	ffn := ceilDiv(m.FFN, p.tp)
	norm, up := p.norm(), ffn
	if m.Gated {
		up *= 2
	}
	bytes := bytesPerValue * float64(n) * float64(m.Hidden)
	reduce := p.network.AllReduce(bytes)
	if p.tp > 1 && n > 0 {
		reduce += p.launchUs
	}
	us := [vidur.NumOps]float64{
		vidur.OpAttnPreProj:  g.GEMM(n, (h.Q+2*h.KV)*h.Dim, m.Hidden),
		vidur.OpAttnPostProj: g.GEMM(n, m.Hidden, h.Q*h.Dim),
		vidur.OpAttnRope:     g.Pointwise(Rope, n, (h.Q+h.KV)*h.Dim),
		vidur.OpKVSave:       g.KVSave(n, h.KV, h.Dim),
		vidur.OpAllReduce:    reduce,
		vidur.OpInputNorm:    g.Pointwise(norm, n, m.Hidden),
		vidur.OpMLPUp:        g.GEMM(n, up, m.Hidden),
		vidur.OpMLPDown:      g.GEMM(n, m.Hidden, ffn),
		vidur.OpMLPAct:       g.Pointwise(p.act(), n, ffn),
		vidur.OpPostNorm:     g.Pointwise(norm, n, m.Hidden),
		vidur.OpAdd:          g.Pointwise(p.sum(), n, m.Hidden),
	}
	if m.NoPostNorm { // attention and MLP side by side: one norm
		us[vidur.OpPostNorm] = 0
	}
	v.Layer.Layers = p.layers
	for op, t := range us {
		v.Layer.Ops[op] = t / usPerMs
	}
	// The embedding is split by rows of the vocabulary, and summed up.
	v.Embed = (g.Pointwise(Embed, n, m.Hidden) + reduce) / usPerMs
	v.Send = [2]float64{p.network.SendRecv(bytes, false) / usPerMs, p.network.SendRecv(bytes, true) / usPerMs}
}

// head computes the LM head for the n positions whose logits are sampled from:
// the final norm, the projection to this device's part of the vocabulary, and
// gathering the parts.
func (p *analyticPredictor) head(n int, ms *float64) {
	g, m := p.gpu, &p.model
	us := g.Pointwise(p.norm(), n, m.Hidden) + g.GEMM(n, ceilDiv(m.Vocab, p.tp), m.Hidden) +
		p.network.AllGather(bytesPerValue*float64(n)*float64(m.Vocab))
	*ms = us / usPerMs
}

// formula names what an operator's time follows from, as the figures do; "" for what
// has none of its own.
func (p *analyticPredictor) formula(op vidur.Op) string {
	switch op {
	case vidur.OpAttnPreProj, vidur.OpAttnPostProj, vidur.OpMLPUp, vidur.OpMLPDown, vidur.OpLMHead:
		return "gemm"
	case vidur.OpAttnDecode, vidur.OpAttnPrefill:
		return op.String()
	case vidur.OpInputNorm, vidur.OpPostNorm:
		return string(p.norm())
	case vidur.OpMLPAct:
		return string(p.act())
	case vidur.OpAdd:
		return string(p.sum())
	case vidur.OpAttnRope:
		return string(Rope)
	case vidur.OpEmbed:
		return string(Embed)
	}
	return ""
}

func (p *analyticPredictor) norm() Pointwise {
	if p.model.LayerNorm {
		return LayerNorm
	}
	return RMSNorm
}

func (p *analyticPredictor) act() Pointwise {
	if p.model.Gated {
		return SiLUMul
	}
	return GELU
}

// sum is of three where attention and MLP stand side by side.
func (p *analyticPredictor) sum() Pointwise {
	if p.model.NoPostNorm {
		return AddTwo
	}
	return Add
}

// SumsOnly marks it as one that needs no requests that only decode.
func (p *analyticPredictor) SumsOnly() {}
