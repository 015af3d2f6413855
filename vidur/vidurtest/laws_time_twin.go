package vidurtest

import (
	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/breakdown"
)

// twin breaks times down without any thought for speed: before each event it adds
// the time since the one before to what every request was doing meanwhile.
type twin struct {
	now       int64 // ticks
	lives     map[int]*timed
	reasons   map[int]breakdown.Part // by replica, since its scheduler was asked last
	batches   map[*vidur.Batch]*twinBatch
	completed int
}

// timed is a request. Times are in ticks.
type timed struct {
	r            vidur.Request // when it completed
	live         *vidur.Request
	asked        bool // since it was routed
	batch        *twinBatch
	seen         int   // tokens that were ever processed
	work         int64 // at the present stage
	parts, first [breakdown.NumParts]int64
	answered     bool
}

type twinBatch struct {
	working bool
	cpu     int64
	longer  map[*vidur.Request]int64
	redo    map[*vidur.Request]bool
}

// Record adds up the time that went by, and follows the event.
func (t *twin) Record(e *vidur.Event) {
	if t.lives == nil {
		t.lives, t.reasons, t.batches = map[int]*timed{}, map[int]breakdown.Part{}, map[*vidur.Batch]*twinBatch{}
	}
	for _, l := range t.lives {
		if l.live != nil {
			t.pass(l, tick(e.At)-t.now)
		}
	}
	t.now = tick(e.At)
	switch e.Kind {
	case vidur.Arrived:
		t.lives[e.Request.ID] = &timed{live: e.Request}
	case vidur.Scheduled:
		t.scheduled(e)
	case vidur.StageStarted:
		t.started(e)
	case vidur.StageEnded:
		t.ended(e)
	case vidur.BatchEnded:
		t.batchEnded(e)
	}
}

// pass adds time to what a request is doing. What it is, is read
// from the request itself, which is as the event before left it.
func (t *twin) pass(l *timed, d int64) {
	if d == 0 {
		return
	}
	p := breakdown.Policy
	switch r := l.live; {
	case l.batch != nil && l.batch.working:
		l.work += d
		return
	case l.batch != nil:
		p = breakdown.Bubble
	case r.Replica < 0:
		p = breakdown.Router
	case !l.asked:
		p = breakdown.Iteration
	case r.Restarts > 0 && r.Done == 0:
		p = breakdown.Preempted
	case r.Started() || l.seen > 0:
		p = breakdown.LeftOut
	default:
		p = t.reasons[r.Replica]
	}
	l.parts[p] += d
}

func (t *twin) scheduled(e *vidur.Event) {
	rep := e.Replica
	if len(e.Batches) == 0 && rep.ActiveBatches() == rep.Spec.PP {
		return
	}
	t.reasons[rep.ID] = reasonOf(rep)
	for _, l := range t.lives {
		if l.live != nil && l.live.Replica == rep.ID {
			l.asked = true
		}
	}
	for _, b := range e.Batches {
		tb := &twinBatch{redo: map[*vidur.Request]bool{}}
		t.batches[b] = tb
		for _, s := range b.Slots {
			l := t.lives[s.Request.ID]
			l.batch = tb
			first := int(s.Cached)
			if s.Decode {
				first--
			}
			tb.redo[s.Request] = first < l.seen
		}
	}
}

func reasonOf(rep *vidur.Replica) breakdown.Part {
	reasons := map[vidur.Lack]breakdown.Part{
		vidur.LackSlots: breakdown.Slots, vidur.LackTokens: breakdown.Tokens, vidur.LackMemory: breakdown.Memory,
	}
	if p, ok := reasons[rep.Lacks]; ok {
		return p
	}
	if q := &rep.Waiting; q.Len() > 0 && rep.KV.For(max(q.At(0).Prompt, q.At(0).Done)) > rep.KV.Free()+rep.KV.Held(q.At(0)) {
		return breakdown.Memory
	}
	return breakdown.Policy
}

// started asks the predictor about every request's batch without the prompts of
// the others.
func (t *twin) started(e *vidur.Event) {
	b := e.Batch
	if b == nil {
		return
	}
	tb := t.batches[b]
	tb.working, tb.cpu, tb.longer = true, tick(b.Time.CPU()), map[*vidur.Request]int64{}
	for _, s := range b.Slots {
		time, err := e.Replica.Spec.Predictor.StageTime(withoutPrompts(b, s.Request), e.Stage)
		if err == nil && b.Time.Model() > time.Model() {
			tb.longer[s.Request] = tick(b.Time.Model() - time.Model())
		}
	}
}

func withoutPrompts(b *vidur.Batch, but *vidur.Request) *vidur.Batch {
	c := vidur.Batch{ID: b.ID, ScheduledAt: b.ScheduledAt, StageStart: b.StageStart}
	for _, s := range b.Slots {
		if !s.Decode && s.Request != but {
			continue
		}
		n := int(s.Tokens)
		c.Slots = append(c.Slots, s)
		c.NumTokens += n
		c.Attended += int64(n) * int64(n+int(s.Cached))
		if s.Decode {
			c.NumDecodes++
			c.DecodeCached += int(s.Cached)
		} else {
			c.PrefillTokens += n
		}
	}
	return &c
}

func (t *twin) ended(e *vidur.Event) {
	tb := t.batches[e.Batch]
	tb.working = false
	for _, s := range e.Batch.Slots {
		l := t.lives[s.Request.ID]
		cpu := min(tb.cpu, l.work)
		longer := min(tb.longer[s.Request], l.work-cpu)
		rest := breakdown.Compute
		if tb.redo[s.Request] {
			rest = breakdown.Recompute
		}
		l.parts[breakdown.CPU] += cpu
		l.parts[breakdown.Interference] += longer
		l.parts[rest] += l.work - cpu - longer
		l.work = 0
	}
}

func (t *twin) batchEnded(e *vidur.Event) {
	for _, s := range e.Batch.Slots {
		r, l := s.Request, t.lives[s.Request.ID]
		l.batch = nil
		l.seen = max(l.seen, r.Done-generated(r))
		if r.FirstToken() && !l.answered {
			l.answered, l.first = true, l.parts
		}
		if r.Completed() {
			l.r, l.live = *r, nil
			t.completed++
		}
	}
	delete(t.batches, e.Batch)
}
