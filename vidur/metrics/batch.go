package metrics

import (
	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/internal/sketch"
)

// batchCounts are the distributions of what is counted in batches.
type batchCounts struct{ tokens, prefill, decode, size counts }

// batchRow is a batch that ended.
type batchRow struct {
	scheduled, ended                       float64 // s
	id, replica, tokens, prefill, requests int32
	held                                   int32 // KV blocks of the replica, when it had ended
}

func (s *Store) batchEnded(e *vidur.Event) {
	s.now = e.At
	b := e.Batch
	if s.opt.MinBatch > 0 && b.ID < s.opt.MinBatch || s.opt.MaxBatch > 0 && b.ID > s.opt.MaxBatch {
		return
	}
	s.replica(e.Replica).held(e.At, e.Replica.KV.Used())
	took, _ := sketch.KeyOf(e.At - b.ScheduledAt)
	s.batchTime.AddKey(took, 1)
	if b.PrefillTokens == 0 && b.NumTokens == len(b.Slots) {
		s.decodeOnly.add(b.NumTokens)
	} else {
		s.mixed.add(b)
	}
	s.slots(e, took)
	if s.opt.KeepBatches {
		s.batches.push(batchRow{
			scheduled: b.ScheduledAt, ended: e.At, id: int32(b.ID), replica: int32(e.Replica.ID),
			tokens: int32(b.NumTokens), prefill: int32(b.PrefillTokens), requests: int32(len(b.Slots)),
			held: int32(e.Replica.KV.Used()),
		})
	}
}

func (c *batchCounts) add(b *vidur.Batch) {
	c.tokens.add(b.NumTokens)
	c.prefill.add(b.PrefillTokens)
	c.decode.add(b.NumTokens - b.PrefillTokens)
	c.size.add(len(b.Slots))
}

// tally counts the tokens that a batch emitted. Its requests that decode
// emitted their tokens before when their iterations before ended, and that is
// at one time for most: they are counted together, in runs.
type tally struct {
	prev   float64 // s, of the run
	run    int     // slots of it
	slots  int     // of the runs before
	tokens int     // beside one per slot of a run
}

// slots counts what the requests of a batch have got.
func (s *Store) slots(e *vidur.Event, took sketch.Key) {
	t := tally{prev: e.Batch.ScheduledAt}
	slots := e.Batch.Slots
	if prev, ok := e.Batch.Repeated(); ok {
		t.prev, t.run, slots = prev, len(slots), nil
	}
	for i := range slots {
		slot := &slots[i]
		if r := slot.Request; slot.Decode && slot.Advance == 1 && r.PrevEnd == t.prev && !r.Completed() {
			t.run++
			continue
		}
		s.slot(e, took, slot, &t)
	}
	s.decodes(e, took, t.prev, t.run)
	t.slots += t.run
	s.totals.tokens += t.slots + t.tokens
	if s.opt.TokenSeries && t.slots > 0 {
		s.decodeSeries.push(point{e.At, int32(t.slots)})
	}
}

// slot counts what is not the next of a run.
func (s *Store) slot(e *vidur.Event, took sketch.Key, slot *vidur.Slot, t *tally) {
	r := slot.Request
	if r.Completed() {
		s.completed(r)
	}
	if !slot.Decode {
		t.tokens += s.prefilled(e.At, r)
		return
	}
	if slot.Advance <= 0 {
		return
	}
	if r.PrevEnd != t.prev {
		s.decodes(e, took, t.prev, t.run)
		t.slots += t.run
		t.prev, t.run = r.PrevEnd, 0
	}
	t.run++
	t.tokens += int(slot.Advance) - 1
}

// decodes counts n tokens whose requests had their iterations before at prev.
// The order of the additions is the original's.
func (s *Store) decodes(e *vidur.Event, took sketch.Key, prev float64, n int) {
	if n == 0 {
		return
	}
	if b := e.Batch; prev != b.ScheduledAt {
		s.token.AddN(e.At-b.ScheduledAt+(b.ScheduledAt-prev), n)
		return
	}
	s.token.AddKey(took, n)
}

// prefilled counts the token that the end of a prefill emits, and returns how
// many that is: none if the prompt has more chunks. The end of the first
// prefill is TTFT; after a restart, what the client sees is the time since the
// token before the restart, however many iterations the prefill took.
func (s *Store) prefilled(now float64, r *vidur.Request) int {
	if !r.Prefilled() {
		return 0
	}
	if s.opt.TokenSeries && r.PrefilledAt == now {
		s.prefillSeries.push(point{now, int32(r.Prompt)})
	}
	if r.TokenAt > 0 {
		s.regap.Add(now - r.TokenAt)
	}
	return 1
}

// SumsOnly marks the Store as one that asks [vidur.Batch.Repeated].
func (s *Store) SumsOnly() {}
