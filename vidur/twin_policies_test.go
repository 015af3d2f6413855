package vidur_test

import "sort"

// The policies of the twin, as the original has them.

type twinVLLM struct {
	cap, maxTokens int
	watermark      float64
}

func (s twinVLLM) canAdmit(p *twinReplica, r *twinRequest) bool {
	return p.free()-p.blocksFor(r.prefill) >= int(s.watermark*float64(p.blocks))
}

func (s twinVLLM) next(_ *twin, p *twinReplica) *twinBatch {
	b := &twinBatch{}
	longest := 0
	for len(p.queue) > 0 {
		r := p.queue[0]
		longest = max(longest, r.prefill)
		if !s.canAdmit(p, r) || (len(b.requests)+1)*longest > s.maxTokens || len(p.allocated) == s.cap || len(b.requests) == s.cap/p.pp {
			break
		}
		p.queue = p.queue[1:]
		p.allocated[r.id] = p.blocksFor(r.prefill)
		b.requests, b.tokens = append(b.requests, r), append(b.tokens, r.prefill)
	}
	if len(b.requests) > 0 {
		return b
	}
	byArrival(p.preempted)
	for len(p.preempted) > 0 && len(b.requests) < s.cap/p.pp {
		r := p.preempted[0]
		p.preempted = p.preempted[1:]
		if p.keep(r, false) {
			b.requests, b.tokens = append(b.requests, r), append(b.tokens, 1)
		}
	}
	if len(b.requests) == 0 {
		return nil
	}
	return b
}

// keep makes room for the next token of r or preempts it.
func (p *twinReplica) keep(r *twinRequest, keepPrompt bool) bool {
	for p.free() < 1 {
		victim := r
		if n := len(p.preempted); n > 0 {
			victim = p.preempted[n-1]
			p.preempted = p.preempted[:n-1]
		}
		victim.restart(keepPrompt)
		delete(p.allocated, victim.id)
		p.queue = append([]*twinRequest{victim}, p.queue...)
		if victim == r {
			return false
		}
	}
	if r.processed > p.allocated[r.id]*p.blockSize {
		p.allocated[r.id]++
	}
	return true
}

func byArrival(rs []*twinRequest) {
	sort.SliceStable(rs, func(i, j int) bool { return rs[i].at < rs[j].at })
}

type twinSarathi struct {
	twinVLLM
	chunk      int
	keepPrompt bool
}

func (s twinSarathi) next(_ *twin, p *twinReplica) *twinBatch {
	b, used := &twinBatch{}, 0
	add := func(r *twinRequest, n int) {
		b.requests, b.tokens = append(b.requests, r), append(b.tokens, n)
		used += n
	}
	budget := func(r *twinRequest) int { return max(0, min(r.prefill-r.processed, s.chunk-used)) }
	var prefills, skipped []*twinRequest
	for len(p.preempted) > 0 && len(b.requests) != s.cap/p.pp {
		r := p.preempted[0]
		p.preempted = p.preempted[1:]
		if !r.prefillDone {
			prefills = append(prefills, r)
		} else if p.keep(r, s.keepPrompt) {
			add(r, 1)
		}
	}
	for _, r := range prefills {
		if n := budget(r); n > 0 {
			add(r, n)
		} else {
			skipped = append(skipped, r)
		}
	}
	p.preempted = append(skipped, p.preempted...)
	byArrival(p.preempted)
	for len(p.queue) > 0 {
		r := p.queue[0]
		if len(p.allocated) == s.cap || len(b.requests) == s.cap/p.pp || !s.canAdmit(p, r) || budget(r) == 0 {
			break
		}
		p.queue = p.queue[1:]
		p.allocated[r.id] = p.blocksFor(r.prefill)
		add(r, budget(r))
	}
	if len(b.requests) == 0 {
		return nil
	}
	return b
}

type twinOrca struct{ cap, maxTokens int }

func (s twinOrca) next(_ *twin, p *twinReplica) *twinBatch {
	b := &twinBatch{}
	need := s.maxTokens / p.blockSize
	limit := min(s.cap, max(1, p.blocks/need/p.pp))
	for len(p.preempted) > 0 && len(b.requests) < limit {
		b.requests, b.tokens = append(b.requests, p.preempted[0]), append(b.tokens, 1)
		p.preempted = p.preempted[1:]
	}
	for len(p.queue) > 0 && len(b.requests) < limit && p.free() >= need {
		r := p.queue[0]
		p.queue = p.queue[1:]
		p.allocated[r.id] = need
		b.requests, b.tokens = append(b.requests, r), append(b.tokens, r.prefill)
	}
	if len(b.requests) == 0 {
		return nil
	}
	return b
}
