package vidur

import (
	"fmt"
	"slices"
)

// Slot is the part of one request in a batch.
type Slot struct {
	Request *Request
	Tokens  int32 // tokens processed for it in this iteration, >= 1
	Cached  int32 // tokens of it that are in the KV cache when the iteration begins
	Advance int32 // tokens by which it gets further; Tokens unless a policy changes it
	Decode  bool  // its prompt was done when the batch was formed
}

// advances reports whether Advance, which a policy has set, can be: a prefill
// cannot get past its prompt.
func (s *Slot) advances() bool {
	return s.Advance > 0 && (s.Decode || int(s.Advance) <= s.Request.Left())
}

// Batch is the work of one iteration of a replica. The Simulator owns it and
// uses it again: schedulers, predictors and recorders must not keep it. The
// sums are kept up to date by Add.
type Batch struct {
	ID            int
	Slots         []Slot
	NumTokens     int   // sum of Tokens
	PrefillTokens int   // sum of Tokens of the slots that still prefill
	NumDecodes    int   // slots that decode
	DecodeCached  int   // sum of Cached of the slots that decode
	Attended      int64 // sum of Tokens × (Tokens + Cached): query-key pairs, before the causal mask

	ScheduledAt float64   // s, when the batch was formed
	StageStart  float64   // s, when the present stage began to work on it
	Time        StageTime // of the present stage
	ExecTime    float64   // s, sum over the stages that are done
	CPUTime     float64   // s, the part of ExecTime that was CPU overhead

	err     *misuse // the first, by a scheduler
	calling *call   // of the Simulator that it belongs to; nil if to none
	steady  steady
}

// Len is the number of requests in the batch.
func (b *Batch) Len() int { return len(b.Slots) }

// Add puts n tokens of r into the batch: 1 for a decode, a chunk of at most
// r.Left() for a prefill. A request that is complete, already in a batch, or
// given fewer than one or more than its remaining tokens ends the run with an
// error: Add does not return, and Run returns a *RunError. (It panics with a value
// of its own that Run understands. In a Batch of no Simulator it does nothing.)
func (b *Batch) Add(r *Request, n int) {
	if n <= 0 || r.inBatch || r.completed || n > r.Prompt-r.Done && (n != 1 || r.Done <= r.Prompt) {
		b.misuse(r, n)
		return
	}
	r.inBatch = true
	b.NumTokens += n
	b.Attended += int64(n) * int64(n+r.Done)
	decode := r.Done > r.Prompt
	if decode {
		b.NumDecodes++
		b.DecodeCached += r.Done
	} else {
		b.PrefillTokens += n
	}
	b.put(r, int32(n), decode)
}

// put appends a slot. Field by field: a composite literal is built elsewhere and
// copied, which costs more than all the rest of Add.
func (b *Batch) put(r *Request, n int32, decode bool) {
	i := len(b.Slots)
	if i == cap(b.Slots) {
		b.Slots = slices.Grow(b.Slots, max(16, i))
	}
	b.Slots = b.Slots[:i+1]
	s := &b.Slots[i]
	s.Request = r
	s.Tokens, s.Cached, s.Advance = n, int32(r.Done), n
	s.Decode = decode
}

// misuse notes the first misuse. In a call of a policy by a Simulator it stops
// there, so that the stack shows the line of the policy.
func (b *Batch) misuse(r *Request, n int) {
	if b.err == nil {
		b.err = wrongAdd(r, n)
	}
	if b.calling != nil && *b.calling != inEngine {
		panic(b.err)
	}
}

func wrongAdd(r *Request, n int) *misuse {
	why := fmt.Sprintf("it has %d left to prefill", r.Left())
	switch {
	case r.completed:
		why = "it is complete"
	case r.inBatch:
		why = "it is in a batch already"
	case r.Prefilled():
		why = "a decode takes one"
	}
	return misused(r, "%d tokens of request %d were put into a batch, but %s", n, r.ID, why)
}

// markScheduled notes the first time that requests were put into a batch. Such
// a request prefills, so a batch of decodes has none.
func (b *Batch) markScheduled() {
	for i := range b.Slots {
		if r := b.Slots[i].Request; !r.scheduled {
			r.scheduled, r.ScheduledAt = true, b.ScheduledAt
		}
	}
}

// markStarted notes the first time that a stage began to work on requests.
func (b *Batch) markStarted(now float64) {
	for i := range b.Slots {
		if r := b.Slots[i].Request; !r.started {
			r.started, r.StartedAt = true, now
		}
	}
}

func (b *Batch) reset() {
	b.Slots = b.Slots[:0]
	b.NumTokens, b.PrefillTokens, b.NumDecodes, b.DecodeCached, b.Attended = 0, 0, 0, 0, 0
	b.ExecTime, b.CPUTime = 0, 0
	b.steady.on = false
}
