package vidur

import "math"

// A run of iterations in which the same requests decode changes each of them in
// the same way. Where nobody looks at single requests meanwhile, the Simulator
// counts such iterations and brings the requests up to date when the run ends:
// when one of them completes or the scheduler would form another batch. Every
// number comes out the same, to the bit; an iteration takes a fixed time instead
// of one that grows with the batch.

// SumsOnly is what compiled routers, predictors and recorders implement that
// look at the sums of a batch, at which requests are in it, at the lengths of
// Waiting and at Outstanding, but neither at Running nor at the progress of
// requests that only decode. A Simulator of such parts is faster; see
// [Batch.Repeated].
type SumsOnly interface{ SumsOnly() }

// Steady is what a compiled Scheduler may implement beside, for the same reason.
type Steady interface {
	// Again reports whether Next would form b once more: its requests all decode,
	// none is complete, Running is empty, and there are free blocks for all.
	Again(rep *Replica, b *Batch) bool
}

// steady is a batch that is repeated.
type steady struct {
	on      bool
	lag     int       // iterations that ended and are not in the requests
	repeats int       // iterations that were formed since the run began
	left    int       // the iteration in which the first request completes
	prevEnd float64   // s, end of the iteration before the one that was formed last
	lastEnd float64   // s, end of the latest iteration
	exec    []float64 // s, of the iterations that are not in the requests
	grow    []int     // requests that take a block in every iteration of that number, modulo the block size
}

// Repeated reports whether b is an iteration more of requests that decode, none
// of which completes in it, and if so when their iteration before it ended, in s.
// The requests are then not up to date.
func (b *Batch) Repeated() (prevEnd float64, ok bool) {
	return b.steady.prevEnd, b.steady.on && b.steady.repeats > 0
}

// allSums reports whether the parts of a simulation may be kept from requests
// that decode.
func (s *Simulator) allSums() bool {
	parts := []any{s.router}
	for _, rep := range s.cluster.Replicas {
		parts = append(parts, rep.Spec.Predictor)
	}
	for _, r := range s.recorders {
		parts = append(parts, r)
	}
	for _, p := range parts {
		if _, ok := p.(SumsOnly); !ok {
			return false
		}
	}
	return true
}

// park begins a run with a batch that has ended. It reports false if there can be none.
func (b *Batch) park(now float64, kv *KV) bool {
	if b.PrefillTokens > 0 || b.CPUTime != 0 {
		return false
	}
	st := &b.steady
	if len(st.grow) != kv.BlockSize {
		st.grow = make([]int, kv.BlockSize)
	}
	clear(st.grow)
	st.left = math.MaxInt
	for i := range b.Slots {
		r := b.Slots[i].Request
		free := int(r.blocks)*kv.BlockSize - r.Done // tokens that fit into its blocks
		if b.Slots[i].Advance != 1 || free < -1 || free > kv.BlockSize-2 {
			return false
		}
		st.left = min(st.left, r.Prefill+r.Decode-r.Done)
		st.grow[free+1]++
	}
	st.on, st.lag, st.repeats, st.lastEnd, st.exec = true, 0, 0, now, st.exec[:0]
	return true
}

// unpark gives the requests of a parked batch back to the scheduler.
func (rep *Replica) unpark() {
	b := rep.parked
	b.settle(rep.KV.BlockSize)
	*rep.calling = inDone
	rep.sched.Done(rep, b)
	*rep.calling = inEngine
	rep.parked = nil
	rep.giveBatch(b)
}

// again forms a parked batch once more, or reports false if the scheduler would
// not or there may be too few blocks.
func (rep *Replica) again(now float64, id int) bool {
	b := rep.parked
	st := &b.steady
	need := st.grow[st.repeats%len(st.grow)]
	if rep.Running.Len() > 0 || rep.KV.Free() <= need {
		return false
	}
	*rep.calling = inDone
	ok := rep.steady.Again(rep, b)
	if *rep.calling = inEngine; !ok {
		return false
	}
	rep.KV.used += need
	st.repeats++
	st.prevEnd = st.lastEnd
	rep.parked, rep.repeating = nil, b
	b.ID, b.ScheduledAt, b.ExecTime, b.CPUTime = id, now, 0, 0
	b.DecodeCached += len(b.Slots)
	b.Attended = int64(b.DecodeCached + len(b.Slots))
	return true
}

// repeated counts an iteration that ended, or reports false if the requests
// must be brought up to date because one completes in it.
func (b *Batch) repeated(now float64) bool {
	st := &b.steady
	if !st.on || st.repeats >= st.left || b.CPUTime != 0 {
		return false
	}
	st.lag++
	st.lastEnd = now
	st.exec = append(st.exec, b.ExecTime)
	return true
}

// settle ends a run: it brings the requests up to date. Sums are added up in the
// order of the iterations.
func (b *Batch) settle(blockSize int) {
	st := &b.steady
	if !st.on {
		return
	}
	st.on = false
	for i := range b.Slots {
		r := b.Slots[i].Request
		first := int(r.blocks)*blockSize - r.Done + 1 // iteration in which it took its first block
		if st.repeats > first {
			r.blocks += int32((st.repeats - first + blockSize - 1) / blockSize)
		}
		if st.lag == 0 {
			continue
		}
		r.Done += st.lag
		r.PrevEnd, r.IterEnd = st.prevEnd, st.lastEnd
		sum := r.ExecTime
		for _, t := range st.exec {
			sum += t
		}
		r.ExecTime = sum
	}
}

// show brings all requests up to date and into their queues, and keeps them so
// from then on.
func (s *Simulator) show() {
	if s.broken {
		return // a policy panicked, and is not called again
	}
	for _, rep := range s.cluster.Replicas {
		rep.steady = nil
		if rep.parked != nil {
			rep.unpark()
			continue
		}
		b := rep.repeating
		if b == nil || !b.steady.on {
			continue
		}
		b.settle(rep.KV.BlockSize)
		for i := range b.Slots {
			r := b.Slots[i].Request
			b.Slots[i].Cached, r.inBatch = int32(r.Done), true
		}
	}
}
