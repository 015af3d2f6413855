package exectime

import (
	"math"

	"github.com/govidur/govidur/vidur"
)

// tablePredictor answers for one kind of replica from a Table.
type tablePredictor struct {
	*Table
	layers        int
	lastStage     int
	parallel      bool    // TP > 1
	postNorm      bool    // the model has a norm between attention and MLP
	launch        float64 // ms per all-reduce
	skew          float64 // ms per all-reduce
	decodeFactor  float64 // factor for several requests
	prefillFactor float64 // factor for several requests
}

// StageTime looks the operators up. The order of the float operations is the
// original simulator's; the conversions keep a compiler from fusing them.
func (p *tablePredictor) StageTime(b *vidur.Batch, stage int) (vidur.StageTime, error) {
	var clamped int64
	i := (b.NumTokens + roundTokens - 1) / roundTokens
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
		t.Ops[vidur.OpAllReduce] = t.Ops[vidur.OpAllReduce] + p.launch + p.skew
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
	if (n+roundTokens-1)/roundTokens*roundTokens > p.ops {
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
	kv := roundUp(b.DecodeCached/b.NumDecodes, g.inner.step)
	at := g.outer.index(b.NumDecodes, clamped)*g.inner.n + g.inner.index(kv, clamped)
	if b.NumDecodes > 1 {
		return float64(g.values[at] * p.decodeFactor)
	}
	return g.values[at]
}

// prefillTime is the attention of the slots that prefill, in ms: as if they
// were one, with all their cached tokens, and a chunk whose square is the sum
// of theirs.
func (p *tablePredictor) prefillTime(b *vidur.Batch, clamped *int64) float64 {
	g := p.prefill
	cached, squares, n := 0, 0, 0
	for i := range b.Slots {
		s := &b.Slots[i]
		if s.Decode {
			continue
		}
		cached += roundUp(int(s.Cached), g.outer.step)
		squares += int(s.Tokens) * int(s.Tokens)
		n++
	}
	chunk := int(math.RoundToEven(math.Sqrt(float64(squares))))
	at := g.outer.index(cached, clamped)*g.inner.n + g.inner.index(chunk, clamped)
	if n > 1 {
		return float64(g.values[at] * p.prefillFactor)
	}
	return g.values[at]
}

func roundUp(n, step int) int { return (n + step - 1) / step * step }
