package exectime

import "github.com/govidur/govidur/vidur"

// tablePredictor answers for one kind of replica from a Table.
type tablePredictor struct {
	*Table
	layers    int
	lastStage int
	parallel  bool // TP > 1
	postNorm  bool // the model has a norm between attention and MLP
	over      Overheads
}

// StageTime looks the operators up. The order of the float operations is the
// original simulator's; the conversions keep a compiler from fusing them.
func (p *tablePredictor) StageTime(b *vidur.Batch, stage int) (vidur.StageTime, error) {
	var clamped int64
	i := (b.NumTokens + RoundTokens - 1) / RoundTokens
	if i >= len(p.rows) {
		i = len(p.rows) - 1
	}
	t := p.rows[i]
	t.Layers = p.layers
	t.Ops[vidur.OpKVSave] = p.kvSave[min(b.NumTokens, len(p.kvSave)-1)]
	if b.NumTokens > p.ops {
		clamped = p.clampedByTokens(b.NumTokens, stage)
	}
	if p.parallel {
		t.Ops[vidur.OpAllReduce] = t.Ops[vidur.OpAllReduce] + p.over.LaunchMs + p.over.SkewMs
	} else {
		t.Ops[vidur.OpAllReduce] = 0
	}
	if stage == p.lastStage {
		t.Ops[vidur.OpSendRecv] = 0
	}
	if !p.postNorm {
		t.Ops[vidur.OpPostNorm] = 0
	}
	if b.NumDecodes > 0 {
		t.Ops[vidur.OpAttnDecode] = p.decodeTime(b, &clamped)
	}
	if b.PrefillTokens > 0 {
		t.Ops[vidur.OpAttnPrefill] = p.prefillTime(b, &clamped)
	}
	if clamped > 0 {
		p.clamped.Add(clamped)
	}
	return t, nil
}

// clampedByTokens counts the look-ups of n tokens beyond the last row.
func (p *tablePredictor) clampedByTokens(n, stage int) int64 {
	clamped := int64(1) // the KV cache save
	if (n+RoundTokens-1)/RoundTokens*RoundTokens > p.ops {
		clamped += perTokenOps
		if !p.postNorm {
			clamped--
		}
		if stage != p.lastStage {
			clamped++
		}
	}
	if p.parallel && n > p.reduce {
		clamped++
	}
	return clamped
}

// decodeTime is the attention of the slots that decode, in ms: as if all had
// the mean number of cached tokens.
func (p *tablePredictor) decodeTime(b *vidur.Batch, clamped *int64) float64 {
	g := p.decode
	n, cached := DecodeKey(b, g.inner.step)
	at := g.outer.index(n, clamped)*g.inner.n + g.inner.index(cached, clamped)
	if n > 1 {
		return float64(g.values[at] * p.over.DecodeFactor)
	}
	return g.values[at]
}

// prefillTime is the attention of the slots that prefill, in ms: as if they
// were one.
func (p *tablePredictor) prefillTime(b *vidur.Batch, clamped *int64) float64 {
	g := p.prefill
	cached, chunk, n := PrefillKey(b, g.outer.step)
	at := g.outer.index(cached, clamped)*g.inner.n + g.inner.index(chunk, clamped)
	if n > 1 {
		return float64(g.values[at] * p.over.PrefillFactor)
	}
	return g.values[at]
}

// SumsOnly marks it as one that needs no requests that only decode.
func (p *tablePredictor) SumsOnly() {}
