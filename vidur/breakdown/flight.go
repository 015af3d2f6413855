package breakdown

import (
	"fmt"

	"github.com/govidur/govidur/vidur"
)

// flight is a batch under way, or a run of repeated ones. Times are in ticks.
type flight struct {
	batch   *vidur.Batch
	slots   []slot
	started int64
	arrived int64 // at the present stage
	bubble  int64
	cpu     int64
	decodes int64   // interference with the requests that decode
	prompts []int64 // with those that prefill
	ended   int32   // iterations
	redo    bool    // a slot computes again what it has computed
}

// slot is a request in a flight.
type slot struct {
	request *vidur.Request
	advance int32 // tokens in an iteration
	prompt  int32 // place among those that prefill, or -1
	redo    bool
}

func (s *site) takeFlight() *flight {
	if n := len(s.free); n > 0 {
		f := s.free[n-1]
		s.free = s.free[:n-1]
		*f = flight{slots: f.slots[:0], prompts: f.prompts[:0]}
		return f
	}
	return &flight{}
}

// start begins a flight.
func (rec *Recorder) start(s *site, b *vidur.Batch, now int64) {
	f := s.takeFlight()
	f.batch, f.started, f.arrived = b, now, now
	_, repeated := b.Repeated()
	for i := range b.Slots {
		bs := &b.Slots[i]
		a := rec.account(bs.Request.ID)
		a.leave(s, now)
		a.inBatch = true
		a.restarts = int32(bs.Request.Restarts)
		t := slot{request: bs.Request, advance: bs.Advance, prompt: -1}
		if !repeated { // of one that is repeated, Cached is not up to date
			a.done = bs.Cached
		}
		if bs.Decode {
			if !repeated {
				a.done-- // the token generated last is processed now
			}
		} else {
			t.prompt = int32(len(f.prompts))
			f.prompts = append(f.prompts, 0)
		}
		t.redo = a.done < a.highest
		f.redo = f.redo || t.redo
		f.slots = append(f.slots, t)
	}
	s.flights = append(s.flights, f)
}

// stageStarted splits what a stage takes. The time at which it ends is the
// Simulator's, which adds up the same numbers.
func (rec *Recorder) stageStarted(e *vidur.Event) {
	f, b, now := rec.flight(e), e.Batch, ticks(e.At)
	f.bubble += now - f.arrived
	model, cpu := b.Time.Model(), b.Time.CPU()
	work := ticks(e.At+(model+cpu)) - now
	overhead := min(ticks(cpu), work)
	f.cpu += overhead
	work -= overhead
	if len(f.prompts) == 0 || len(f.slots) == 1 {
		return
	}
	if b.NumDecodes > 0 {
		f.decodes += min(rec.longer(e, -1, model), work)
	}
	if len(f.prompts) == 1 {
		return // there is no other prompt
	}
	for i := range f.slots {
		if p := f.slots[i].prompt; p >= 0 {
			f.prompts[p] += min(rec.longer(e, i, model), work)
		}
	}
}

// longer is by how many ticks a stage takes longer for a batch than without the
// prompts of all slots but one; model is what it takes, s.
func (rec *Recorder) longer(e *vidur.Event, but int, model float64) int64 {
	b := rec.without(e.Batch, but)
	t, err := e.Replica.Spec.Predictor.StageTime(b, e.Stage)
	if err != nil {
		rec.fail(fmt.Errorf("breakdown: batch %d without prompts of others: %w", e.Batch.ID, err))
		return 0
	}
	if d := model - t.Model(); d > 0 {
		return ticks(d)
	}
	return 0
}

// without is b without the slots that prefill, but for one.
func (rec *Recorder) without(b *vidur.Batch, but int) *vidur.Batch {
	c := &rec.scratch
	slots := c.Slots[:0]
	*c = vidur.Batch{ID: b.ID, NumTokens: b.NumTokens - b.PrefillTokens, NumDecodes: b.NumDecodes, DecodeCached: b.DecodeCached,
		ScheduledAt: b.ScheduledAt, StageStart: b.StageStart, ExecTime: b.ExecTime, CPUTime: b.CPUTime}
	for i := range b.Slots {
		s := &b.Slots[i]
		if !s.Decode && i != but {
			continue
		}
		slots = append(slots, *s)
		n := int(s.Tokens)
		c.Attended += int64(n) * int64(n+int(s.Cached))
		if !s.Decode {
			c.NumTokens += n
			c.PrefillTokens = n
		}
	}
	c.Slots = slots
	return c
}

// batchEnded ends a flight, unless it may be repeated: then it is cheaper to wait
// for what the scheduler does.
func (rec *Recorder) batchEnded(e *vidur.Event) {
	s, now := rec.site(e.Replica.ID), ticks(e.At)
	f := rec.flight(e)
	f.ended++
	if _, ok := e.Batch.Repeated(); ok && !f.redo {
		s.parked = f
		return
	}
	rec.finish(s, f, now)
}

// finish ends a flight.
func (rec *Recorder) finish(s *site, f *flight, now int64) {
	for i := range f.slots {
		t := &f.slots[i]
		a := rec.account(t.request.ID)
		f.add(t, a, now)
		a.done += t.advance * f.ended
		a.highest = max(a.highest, a.done)
		if !a.answered && t.request.FirstToken() {
			a.answered, a.first = true, a.parts
		}
		if a.completed = t.request.Completed(); a.completed {
			continue
		}
		a.enter(LeftOut, now)
		s.idle = append(s.idle, t.request)
	}
	clear(f.slots)
	for i, g := range s.flights {
		if g == f {
			s.flights = append(s.flights[:i], s.flights[i+1:]...)
			break
		}
	}
	s.free = append(s.free, f)
}

// add adds a flight to the account of one of its requests.
func (f *flight) add(t *slot, a *account, now int64) {
	interference, rest := f.decodes, Compute
	if t.prompt >= 0 {
		interference = f.prompts[t.prompt]
	}
	if t.redo {
		rest = Recompute
	}
	a.parts[Bubble] += f.bubble
	a.parts[CPU] += f.cpu
	a.parts[Interference] += interference
	a.parts[rest] += now - f.started - f.bubble - f.cpu - interference
}
