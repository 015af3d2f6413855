package vidur

// The helpers that fill a batch. Sarathi's batches are DecodeAll, Prefill and
// Admit in this order; vLLM's are Admit of whole prompts or else DecodeAll. What
// they take stands at the head of a queue, so a policy has its way by ordering
// Waiting and Running first.

// Limits says how far the helpers of a Replica fill a batch. A zero number is
// no limit.
type Limits struct {
	Requests int  // most requests in the batch
	Tokens   int  // most tokens in the batch, decodes included; decodes are never held back for it
	Holders  int  // most requests that hold KV blocks; Admit admits no other
	Reserve  int  // KV blocks that Admit leaves free, vLLM's watermark
	Whole    bool // prompts are taken whole, not in chunks

	// Restart says how a preempted request begins again; nil is Request.Restart.
	Restart func(r *Request)
}

// full reports whether b has all the requests it may have.
func (l *Limits) full(b *Batch) bool { return l.Requests > 0 && len(b.Slots) >= l.Requests }

// chunk is the number of prompt tokens of r that b has room for; 0 if none.
func (l *Limits) chunk(b *Batch, r *Request) int {
	n := r.Left()
	if l.Tokens > 0 && n > l.Tokens-b.NumTokens {
		if l.Whole {
			return 0
		}
		n = max(0, l.Tokens-b.NumTokens)
	}
	return n
}

// DecodeAll moves the requests of Running that decode into b, a token each, from
// the head until b has l.Requests, and gives them the blocks they need. While no
// block is free it preempts the last of Running, and at last the request in
// hand. It returns the number of requests that it passed because they still
// prefill; they stay at the head of Running, in order.
func (rep *Replica) DecodeAll(b *Batch, l Limits) (passed int) {
	aside := rep.aside[:0]
	for {
		rep.Decode(b, l.requests())
		if rep.Running.n == 0 || l.full(b) {
			break
		}
		r := rep.Running.Pop()
		switch {
		case !r.Prefilled():
			aside = append(aside, r)
		case rep.evict(max(1, rep.KV.For(r.Done)-int(r.blocks)), l.Restart):
			rep.KV.Extend(r)
			b.Add(r, 1)
		default:
			rep.preempt(r, l.Restart)
		}
	}
	for i := len(aside) - 1; i >= 0; i-- {
		rep.Running.PushFront(aside[i])
	}
	rep.aside = aside
	return len(aside)
}

// requests is the limit of requests as a number.
func (l *Limits) requests() int {
	if l.Requests > 0 {
		return l.Requests
	}
	return 1 << 30
}

// Prefill moves the requests of Running that still prefill into b, from the
// head, each with as much of its prompt as l.Tokens leaves room for, until b has
// l.Requests. It gives them the blocks that the chunk needs beyond those they
// hold, and passes those for which too few are free.
func (rep *Replica) Prefill(b *Batch, l Limits) {
	q, kept := &rep.Running, 0
	for i := range q.n {
		r := q.At(i)
		if !r.Prefilled() && !l.full(b) {
			if n := l.chunk(b, r); n > 0 && rep.KV.hold(r, r.Done+n) {
				b.Add(r, n)
				continue
			}
		}
		if kept < i {
			q.set(kept, r)
		}
		kept++
	}
	q.n = kept
}

// Admit moves the head of Waiting into b with as much of its prompt as l.Tokens
// leaves room for, gives it the blocks of the whole prompt, and reports true; or
// it does nothing and reports false: when Waiting is empty or [Replica.Admissible]
// says 0. It is called in a loop.
func (rep *Replica) Admit(b *Batch, l Limits) bool {
	n := rep.admissible(b, &l)
	if n == 0 {
		return false
	}
	r := rep.Waiting.Pop()
	rep.KV.hold(r, max(r.Prompt, r.Done))
	b.Add(r, n)
	return true
}

// Admissible is the number of tokens with which Admit would put the head of
// Waiting into b: 0 if Waiting is empty, or the batch has no room for it, or
// l.Holders other requests hold blocks, or its whole prompt does not fit into the
// blocks that are free with l.Reserve of them left. Replica.Lacks then says which.
func (rep *Replica) Admissible(b *Batch, l Limits) int { return rep.admissible(b, &l) }

func (rep *Replica) admissible(b *Batch, l *Limits) int {
	if rep.Waiting.n == 0 {
		return rep.refuse(LackNothing)
	}
	if l.full(b) {
		return rep.refuse(LackSlots)
	}
	r, kv, n := rep.Waiting.At(0), &rep.KV, 1
	if !r.Prefilled() {
		n = l.chunk(b, r)
	}
	need := kv.For(max(r.Prompt, r.Done)) - int(r.blocks)
	switch {
	case l.Holders > 0 && r.blocks == 0 && kv.holders >= l.Holders:
		return rep.refuse(LackSlots)
	case n == 0:
		return rep.refuse(LackTokens)
	case need > kv.Free()-l.Reserve:
		return rep.refuse(LackMemory)
	}
	rep.Lacks = LackNothing
	return n
}

// Evict preempts the last of Running, again and again, until n blocks are free,
// and reports whether they are.
func (rep *Replica) Evict(n int) bool { return rep.evict(n, nil) }

func (rep *Replica) evict(n int, restart func(*Request)) bool {
	for rep.KV.Free() < n {
		r := rep.Running.PopBack()
		if r == nil {
			return false
		}
		rep.preempt(r, restart)
	}
	return true
}

// Preempt takes the KV cache of r, which must be in neither queue, and puts it
// at the head of Waiting to be prefilled again.
func (rep *Replica) Preempt(r *Request) { rep.preempt(r, nil) }

func (rep *Replica) preempt(r *Request, restart func(*Request)) {
	if restart == nil {
		restart = (*Request).Restart
	}
	restart(r)
	rep.KV.Release(r)
	rep.Waiting.PushFront(r)
}
