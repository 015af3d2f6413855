package aiconf

import (
	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
)

// StageTime computes the operators of a batch. Decoding slots have the attention
// of their mean context, and prefilling ones are one launch of a kernel for
// sequences of different length.
func (s *Source) StageTime(b *vidur.Batch, stage int) (vidur.StageTime, error) {
	row := s.tokens.Get(b.NumTokens)
	t := row.Layer
	if b.NumDecodes > 0 {
		context := float64(b.DecodeCached) / float64(b.NumDecodes)
		if s.decode != nil {
			t.Ops[vidur.OpAttnDecode] = s.decode.At(b.NumDecodes, context+1).Ms
		} else {
			t.Ops[vidur.OpAttnDecode] = s.operators.Decode(b.NumDecodes, context)
		}
	}
	logits := b.NumDecodes
	if b.PrefillTokens > 0 {
		ms, finished := s.prefillTime(b)
		t.Ops[vidur.OpAttnPrefill] = ms
		logits += finished
	}
	if stage == 0 {
		t.Ops[vidur.OpEmbed] = row.Embed
	}
	if stage < s.last {
		far := 0
		if s.operators.Network().Far(stage) {
			far = 1
		}
		t.Ops[vidur.OpSendRecv] = row.Send[far]
	} else if logits > 0 {
		t.Ops[vidur.OpLMHead] = *s.logits.Get(logits)
	}
	return t, nil
}

// prefillTime is the attention of the slots that prefill, in ms, and how many of
// them finish their prompt. Equal slots are a batch of the table. Different ones
// are launched together: their analytic time as one launch, times the ratio of
// the sums of table and analytic times of the batches.
func (s *Source) prefillTime(b *vidur.Batch) (ms float64, finished int) {
	first := -1
	for i := range b.Slots {
		v := &b.Slots[i]
		if v.Decode {
			continue
		}
		if first < 0 {
			first = i
		}
		if int(v.Cached+v.Tokens) >= v.Request.Prompt {
			finished++
		}
	}
	if s.prefill == nil {
		ms, _ = s.operators.PrefillBatch(b)
		return ms, finished
	}
	all := len(b.Slots) - b.NumDecodes
	if v := &b.Slots[first]; all == 1 || alike(b.Slots, first) == all {
		return s.prefill.At(all, int(v.Tokens), int(v.Cached)).Ms, finished
	}
	ms, _ = s.operators.PrefillBatch(b)
	return ms * s.prefillRatio(b), finished
}

// prefillRatio is that of the tables to the analytic model, for a batch.
func (s *Source) prefillRatio(b *vidur.Batch) float64 {
	var measured, modelled float64
	for i := range b.Slots {
		v := &b.Slots[i]
		if v.Decode {
			continue
		}
		if n := alike(b.Slots, i); n > 0 {
			measured += s.prefill.At(n, int(v.Tokens), int(v.Cached)).Ms
			modelled += prefillModel(s.gpu, n, float64(v.Tokens), int(v.Cached), s.heads)
		}
	}
	return ratio(measured, modelled/usPerMs)
}

// alike is the number of slots that prefill as slot i does, or 0 if one before it
// does. The work is the square of the number of different slots, which a batch of
// a few chunks does not notice.
func alike(slots []vidur.Slot, i int) int {
	n := 0
	for j := range slots {
		v, w := &slots[i], &slots[j]
		if w.Decode || w.Tokens != v.Tokens || w.Cached != v.Cached {
			continue
		}
		if j < i {
			return 0
		}
		n++
	}
	return n
}

// shapes are the weights of the GEMMs on one device, columns and rows: QKV and
// output projection, MLP up and down, vocabulary.
func (s *Source) shapes() (n, k [5]int) {
	m, h, ffn := &s.model, &s.heads, ceilDiv(s.model.FFN, s.tp)
	up := ffn
	if m.Gated {
		up = 2 * ffn
	}
	return [5]int{(h.Q + 2*h.KV) * h.Dim, m.Hidden, up, m.Hidden, ceilDiv(m.Vocab, s.tp)},
		[5]int{m.Hidden, h.Q * h.Dim, m.Hidden, ffn, m.Hidden}
}

// perToken works out the operators of n tokens: the analytic ones, with the GEMMs
// and the all-reduce of the tables in their places.
func (s *Source) perToken(tokens int, v *exectime.TokenTimes) {
	*v = *s.operators.ByTokens(tokens)
	if s.gemm != nil {
		n, k := s.shapes()
		for i, op := range [...]vidur.Op{vidur.OpAttnPreProj, vidur.OpAttnPostProj, vidur.OpMLPUp, vidur.OpMLPDown} {
			v.Layer.Ops[op] = s.gemm.At(tokens, n[i], k[i]).Ms
		}
	}
	if s.reduce != nil {
		const bytesPerValue = 2
		bytes := bytesPerValue * float64(tokens) * float64(s.model.Hidden)
		ms := s.reduce.At(bytes).atLeast(s.bounds.AllReduce(bytes) / usPerMs).Ms
		v.Embed += ms - v.Layer.Ops[vidur.OpAllReduce]
		v.Layer.Ops[vidur.OpAllReduce] = ms
	}
}

// head works out the LM head for n positions: the analytic one, with the GEMM of
// the table in its place.
func (s *Source) head(positions int, ms *float64) {
	*ms = s.operators.Logits(positions)
	if s.gemm != nil && positions > 0 {
		n, k := s.shapes()
		*ms += s.gemm.At(positions, n[4], k[4]).Ms - s.gpu.GEMM(positions, n[4], k[4])/usPerMs
	}
}
