package vidur

import (
	"errors"
	"fmt"
)

// The handlers, in the order in which a request meets them.

func (s *Simulator) arrived(e *Event) {
	s.cluster.Waiting.Push(e.Request)
	s.agenda.soon(Routed, -1, 0, nil, nil)
}

// route asks the router about every request that is in front of the cluster,
// in order of arrival.
func (s *Simulator) route(e *Event) {
	c := &s.cluster
	c.Waiting.SortByArrival()
	for n := c.Waiting.Len(); n > 0; n-- {
		r := c.Waiting.Pop()
		s.calling, s.asked = inRouter, r
		i := s.router.Route(r, c)
		s.calling = inEngine
		if i == Hold {
			c.Waiting.Push(r)
			continue
		}
		if i < 0 || i >= len(c.Replicas) {
			s.fail(inRouter, nil, misused(r, "the router sent request %d to replica %d of %d", r.ID, i, len(c.Replicas)))
			return
		}
		r.Replica = i
		c.Replicas[i].Waiting.Push(r)
		c.Replicas[i].touched = true
		c.Replicas[i].outstanding++
		e.Requests = append(e.Requests, r)
	}
	if len(e.Requests) == 0 {
		return
	}
	for i, rep := range c.Replicas {
		if rep.touched {
			rep.touched = false
			s.agenda.soon(Scheduled, i, 0, nil, nil)
		}
	}
}

// schedule has batches formed until every stage can have one in work.
func (s *Simulator) schedule(e *Event) {
	rep := e.Replica
	for rep.active < rep.Spec.PP {
		b := s.form(rep, e.At)
		if b == nil {
			return
		}
		s.batches++
		rep.active++
		e.Batches = append(e.Batches, b)
		s.agenda.soon(StageArrived, rep.ID, 0, b, nil)
	}
}

// form asks the scheduler for a batch; nil if it has none.
func (s *Simulator) form(rep *Replica, now float64) *Batch {
	rep.Lacks = LackNothing
	if b := rep.parked; b != nil {
		if rep.again(now, s.batches) {
			return b
		}
		rep.unpark()
		rep.Lacks = LackNothing
	}
	b := rep.takeBatch()
	b.ID, b.ScheduledAt = s.batches, now
	s.calling = inNext
	rep.sched.Next(rep, b)
	s.calling = inEngine
	if b.err != nil {
		s.fail(inNext, b, b.err)
		return nil
	}
	if len(b.Slots) == 0 {
		rep.giveBatch(b)
		return nil
	}
	if b.PrefillTokens > 0 {
		b.markScheduled()
	}
	return b
}

func (s *Simulator) stageArrived(e *Event) {
	st := &e.Replica.stages[e.Stage]
	st.line = append(st.line, e.Batch)
	s.agenda.soon(StageStarted, e.Replica.ID, e.Stage, nil, nil)
}

func (s *Simulator) stageStart(e *Event) {
	rep := e.Replica
	st := &rep.stages[e.Stage]
	if st.busy || len(st.line) == 0 {
		return
	}
	b := st.line[0]
	st.line = st.line[:copy(st.line, st.line[1:])]
	st.busy = true
	e.Batch = b
	var err error
	s.calling = inPredictor
	b.Time, err = rep.Spec.Predictor.StageTime(b, e.Stage)
	if s.calling = inEngine; err != nil {
		s.fail(inPredictor, b, err)
		return
	}
	b.StageStart = e.At
	model, cpu := b.Time.Model(), b.Time.CPU()
	total := model + cpu
	if !(total >= 0 && total < maxSeconds) {
		s.fail(inPredictor, b, fmt.Errorf("the predictor says that stage %d takes %g s", e.Stage, total))
		return
	}
	if e.Stage == 0 && b.PrefillTokens > 0 {
		b.markStarted(e.At)
	}
	b.ExecTime += total
	b.CPUTime += cpu
	s.agenda.at(e.At+total, StageEnded, rep.ID, e.Stage, b, nil)
}

const maxSeconds = 1e12 // a stage time above it is a mistake

func (s *Simulator) stageEnd(e *Event) {
	rep, id, stage := e.Replica, e.Replica.ID, e.Stage
	rep.stages[e.Stage].busy = false
	s.agenda.soon(StageStarted, id, stage, nil, nil)
	if e.Stage == rep.Spec.PP-1 {
		s.agenda.soon(BatchEnded, id, 0, e.Batch, nil)
		return
	}
	s.agenda.soon(StageArrived, id, stage+1, e.Batch, nil)
}

func (s *Simulator) batchEnd(e *Event) {
	rep, b := e.Replica, e.Batch
	rep.active--
	completed := 0
	if b.repeated(e.At) {
		rep.parked = b
	} else {
		b.settle(rep.KV.BlockSize)
		if completed = s.advance(rep, b, e.At); s.err != nil {
			return
		}
		if completed == 0 && rep.steady != nil && b.park(e.At, &rep.KV) {
			rep.parked = b
		} else {
			s.calling = inDone
			rep.sched.Done(rep, b)
			s.calling = inEngine
		}
	}
	if s.cluster.Waiting.Len() > 0 {
		s.agenda.soon(Routed, -1, 0, nil, nil)
	}
	s.agenda.soon(Scheduled, rep.ID, 0, nil, nil)
	for i := 0; completed > 0; i++ {
		if r := b.Slots[i].Request; r.completed {
			completed--
			s.followUp(r)
		}
	}
}

// advance brings the requests of a batch that ended further, and returns how
// many of them are complete.
func (s *Simulator) advance(rep *Replica, b *Batch, now float64) (completed int) {
	for i := range b.Slots {
		slot := &b.Slots[i]
		r := slot.Request
		if slot.Advance != slot.Tokens && !slot.advances() {
			s.fail(inNext, b, misused(r, "request %d cannot advance by %d tokens", r.ID, slot.Advance))
			return completed
		}
		r.advance(now, int(slot.Advance), b.ExecTime, b.CPUTime)
		if r.completed {
			completed++
		}
	}
	rep.outstanding -= completed
	return completed
}

// followUp tells the workload of a completion, after which it may know another
// request.
func (s *Simulator) followUp(r *Request) {
	if s.bad != nil {
		return
	}
	s.calling, s.asked = inWorkload, r
	more := s.workload.Done(r)
	if s.calling = inEngine; !more {
		return
	}
	next, err := s.pull()
	if err == nil && next == nil {
		err = errors.New("vidur: the workload announced another request and had none")
	}
	if err != nil {
		s.bad = err
		return
	}
	s.agenda.at(next.At, Arrived, -1, 0, nil, next)
}
