package aiconf

import (
	"math"
	"slices"

	"github.com/govidur/govidur/vidur/exectime"
)

// floor is what the datasheet allows, ms.
func (a *attention) floor(batch int, x float64, cached int) float64 {
	return a.model(a.bound, batch, x, cached, a.Heads) / usPerMs / a.fast
}

// fill works out the times of a batch by tokens, for one step of the grid: the
// measured ones; between two batches on the line; beyond them by the analytic
// model; of other heads at the batch that has as many thread blocks, by it as well.
func (a *attention) fill(step, batch int, r *attentionRow) {
	asked := batch
	if a.From != a.Heads {
		batch = max(1, (batch*a.Heads.KV+a.From.KV/2)/a.From.KV)
	}
	s, cached := a.grid.series[step], a.grid.steps[step]
	lo, hi, _ := bracket(s.batches, float64(batch))
	weight := 0.0
	if hi != lo {
		weight = float64(batch-s.batches[lo]) / float64(s.batches[hi]-s.batches[lo])
	}
	low, high := s.curves[lo], s.curves[hi]
	for _, x := range merge(low.x, high.x) {
		ms := a.on(low, s.batches[lo], x, cached)
		if hi != lo {
			ms += weight * (a.on(high, s.batches[hi], x, cached) - ms)
		}
		if lo == hi && s.batches[lo] != batch {
			ms *= ratio(a.model(a.gpu, batch, x, cached, a.From), a.model(a.gpu, s.batches[lo], x, cached, a.From))
		}
		if a.From != a.Heads {
			ms *= ratio(a.model(a.gpu, asked, x, cached, a.Heads), a.model(a.gpu, batch, x, cached, a.From))
		}
		if a.ratios {
			r.addRatio(x, ms, a.model(a.gpu, asked, x, cached, a.Heads))
		} else {
			r.add(x, ms)
		}
	}
	r.clear = !a.ratios
	for i, x := range r.x {
		r.clear = r.clear && r.ms[i] >= a.floor(asked, x, cached)
	}
	switch {
	case a.From != a.Heads || lo == hi && s.batches[lo] != batch:
		r.how = Transferred
	case lo != hi:
		r.how = Interpolated
	}
}

// on is a measured batch's time at x tokens.
func (a *attention) on(c *curve, batch int, x float64, cached int) float64 {
	ms, end := c.at(x)
	if end != x {
		ms.Ms *= ratio(a.model(a.gpu, batch, x, cached, a.From), a.model(a.gpu, batch, end, cached, a.From))
	}
	return ms.Ms
}

// merge joins two ascending lists.
func merge(a, b []float64) []float64 {
	list := slices.Concat(a, b)
	slices.Sort(list)
	return slices.Compact(list)
}

// at is the time of a batch at x tokens, for one step of the grid.
func (a *attention) at(step, batch int, x float64) Answer {
	row := a.rows[step].Get(batch)
	cached := a.grid.steps[step]
	var v Answer
	var end float64
	if a.ratios {
		v, end = row.at(x)
	} else {
		v, end = row.line(x)
	}
	if end != x {
		v.Ms *= ratio(a.model(a.gpu, batch, x, cached, a.Heads), a.model(a.gpu, batch, end, cached, a.Heads))
	} else if a.ratios && v.How == Interpolated {
		v.Ms *= a.model(a.gpu, batch, x, cached, a.Heads)
	}
	v.How = max(v.How, row.how)
	if row.clear && end == x {
		return v
	}
	return v.atLeast(a.floor(batch, x, cached))
}

// Decode predicts the attention of requests that each generate one token.
type Decode struct{ *attention }

// Decode opens the attention of generating for heads on one device. kv is the
// numeric type of the KV cache, or of attention and KV cache, as in "bfloat16/fp8".
func (l *Library) Decode(id ID, gpu *exectime.GPU, kv string, h exectime.Heads) (*Decode, error) {
	a, err := l.attention(id, GenerationAttention, gpu, kv, h)
	if err != nil {
		return nil, err
	}
	a.model = decodeModel
	return &Decode{a}, nil
}

func decodeModel(g *exectime.GPU, batch int, tokens float64, _ int, h exectime.Heads) float64 {
	return g.AttnDecode(batch, tokens, h)
}

// At is the time of a batch with a context of so many tokens, the new one
// included; the mean over the batch where contexts differ.
func (d *Decode) At(batch int, context float64) Answer {
	if batch <= 0 || !(context > 0) {
		return Answer{}
	}
	return d.at(0, batch, context)
}

// Prefill predicts the attention of chunks of prompts.
type Prefill struct {
	*attention
	alone exectime.Memo[Answer] // one chunk after the fewest cached tokens
}

// Prefill opens the attention of prompts; see [Library.Decode].
func (l *Library) Prefill(id ID, gpu *exectime.GPU, kv string, h exectime.Heads) (*Prefill, error) {
	a, err := l.attention(id, ContextAttention, gpu, kv, h)
	if err != nil {
		return nil, err
	}
	a.model, a.ratios = prefillModel, true
	p := &Prefill{attention: a}
	p.alone.Make = func(chunk int, v *Answer) { *v = a.at(0, 1, float64(chunk)) }
	return p, nil
}

// prefillModel takes a batch of equal chunks as one with more heads, which is the
// same work in the same thread blocks.
func prefillModel(g *exectime.GPU, batch int, tokens float64, step int, h exectime.Heads) float64 {
	h.Q, h.KV = h.Q*batch, h.KV*batch
	return g.AttnPrefill(int(tokens), step, h)
}

// At is the time of a batch of equal chunks, each after so many cached tokens.
// Between the table's chunks, the ratio to the analytic time is interpolated: the
// time itself is neither a power of the chunk nor linear in it.
//
// A number of cached tokens that the table does not have is transferred from the
// next lower one that it has, mostly 0: from the chunk that makes as many
// query-key pairs with it, by the ratio of the analytic times. The public tables
// have no measurements to check that with.
func (p *Prefill) At(batch, chunk, cached int) Answer {
	if batch <= 0 || chunk <= 0 || cached < 0 {
		return Answer{}
	}
	step := 0
	for step+1 < len(p.grid.steps) && p.grid.steps[step+1] <= cached {
		step++
	}
	has := p.grid.steps[step]
	switch {
	case has == cached && step == 0 && batch == 1:
		return *p.alone.Get(chunk)
	case has == cached:
		return p.at(step, batch, float64(chunk))
	}
	c, v, base := float64(chunk), float64(cached), float64(has)
	pairs := c*c/2 + c*v
	like := max(1, math.Round(math.Sqrt(base*base+2*pairs)-base))
	a := p.at(step, batch, like)
	a.Ms *= ratio(prefillModel(p.gpu, batch, c, cached, p.Heads), prefillModel(p.gpu, batch, like, has, p.Heads))
	a.How = Transferred
	return a.atLeast(p.floor(batch, c, cached))
}
