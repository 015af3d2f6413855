package breakdown

import (
	"slices"

	"github.com/govidur/govidur/vidur"
)

// site is what is known of a replica.
//
// All who stand in its line wait for the same, so they are not counted one by one:
// the site has a clock for each reason, which runs while it is the reason, and a
// request reads the clocks when it joins the line and when it leaves.
type site struct {
	clocks  [lines]int64 // ticks
	reason  Part         // since the scheduler was asked last
	since   int64        // ticks, when that was
	joined  []*vidur.Request
	idle    []*vidur.Request // admitted and in no batch
	flights []*flight        // batches under way
	parked  *flight          // has ended, and may be repeated
	free    []*flight
}

func (rec *Recorder) site(replica int) *site {
	for len(rec.sites) <= replica {
		rec.sites = append(rec.sites, &site{reason: Policy})
	}
	return rec.sites[replica]
}

// flight is the batch b, which is under way.
func (rec *Recorder) flight(e *vidur.Event) *flight {
	for _, f := range rec.site(e.Replica.ID).flights {
		if f.batch == e.Batch {
			return f
		}
	}
	rec.fail(errSecondRun)
	return &flight{}
}

// scheduled follows a scheduler that was asked, or was not, for want of a place
// in the pipeline.
func (rec *Recorder) scheduled(e *vidur.Event) {
	rep, s, now := e.Replica, rec.site(e.Replica.ID), ticks(e.At)
	if len(e.Batches) == 0 && rep.ActiveBatches() >= rep.Spec.PP {
		return
	}
	s.clocks[line(s.reason)] += now - s.since
	s.since = now
	if !rec.again(s, e, now) {
		for _, b := range e.Batches {
			rec.start(s, b, now)
		}
		rec.sort(s, now)
	}
	rec.line(s, now)
	s.reason = rec.reason(e)
}

// again goes on with a flight that is repeated, or ends one that could have been.
func (rec *Recorder) again(s *site, e *vidur.Event, now int64) bool {
	f := s.parked
	if f == nil {
		return false
	}
	s.parked = nil
	if len(e.Batches) == 1 && e.Batches[0] == f.batch {
		if _, ok := f.batch.Repeated(); ok {
			return true
		}
	}
	rec.finish(s, f, now)
	return false
}

// line lets those who joined stand in the line, if they are in no batch yet.
func (rec *Recorder) line(s *site, now int64) {
	for _, r := range s.joined {
		if a := rec.account(r.ID); !a.inBatch {
			a.leave(s, now)
			a.enter(Slots, now)
			a.clocks = s.clocks
		}
	}
	clear(s.joined)
	s.joined = s.joined[:0]
}

// sort finds those of the idle who were preempted, or are in a batch.
func (rec *Recorder) sort(s *site, now int64) {
	s.idle = slices.DeleteFunc(s.idle, func(r *vidur.Request) bool {
		a := rec.account(r.ID)
		if a.inBatch || int(a.restarts) == r.Restarts {
			return a.inBatch
		}
		a.leave(s, now)
		a.enter(Preempted, now)
		a.restarts = int32(r.Restarts)
		return true
	})
}

// reason is what the head of Waiting waits for.
func (rec *Recorder) reason(e *vidur.Event) Part {
	rep := e.Replica
	switch rep.Lacks {
	case vidur.LackSlots:
		return Slots
	case vidur.LackTokens:
		return Tokens
	case vidur.LackMemory:
		return Memory
	}
	if rep.Waiting.Len() == 0 {
		return Policy
	}
	head, kv, l := rep.Waiting.At(0), &rep.KV, &rec.Limits
	requests, room := 0, l.Tokens
	if n := len(e.Batches); n > 0 && rep.ActiveBatches() >= rep.Spec.PP { // else it was asked once more, for an empty one
		requests, room = e.Batches[n-1].Len(), l.Tokens-e.Batches[n-1].NumTokens
	}
	switch {
	case l.Requests > 0 && requests >= l.Requests, l.Holders > 0 && kv.Held(head) == 0 && kv.Holders() >= l.Holders:
		return Slots
	case l.Tokens > 0 && (room <= 0 || l.Whole && room < head.Left()):
		return Tokens
	case kv.For(max(head.Prompt, head.Done))-kv.Held(head) > kv.Free()-l.Reserve:
		return Memory
	}
	return Policy
}
