package vidurtest

import "github.com/govidur/govidur/vidur"

// flight is what the laws know of a batch on its way through the stages.
type flight struct {
	b     *vidur.Batch
	id    int
	done  int  // stages behind it
	at    bool // it is in the line of stage done, or there in work
	start float64
	total float64 // s, of the present stage
	exec  float64 // s, of all stages so far
}

// stage is what the laws know of a pipeline stage.
type stage struct {
	line []*flight
	busy *flight
}

func (l *Laws) flight(e *vidur.Event) (*site, *flight) {
	s := l.site(e.Replica)
	for _, fl := range s.flights {
		if fl.b == e.Batch {
			return s, fl
		}
	}
	l.fail(Stages, where{e.Replica, e.Batch, nil}, "%s at stage %d of a batch that is not in flight", e.Kind, e.Stage)
	return s, nil
}

func (l *Laws) scheduled(e *vidur.Event) {
	s, w := l.site(e.Replica), where{rep: e.Replica}
	for _, b := range e.Batches {
		l.formed(s, b)
		l.expected[vidur.StageArrived]++
		l.expected[vidur.BatchEnded]++
	}
	if n := e.Replica.ActiveBatches(); n != len(s.flights) || n > e.Replica.Spec.PP {
		l.fail(Pipeline, w, "%d batches are in flight, by the replica's count %d, with %d stages", len(s.flights), n, e.Replica.Spec.PP)
	}
	if l.first == nil {
		l.work(e, s)
		l.checkSite(s)
	}
}

// work is the law that a replica does not idle; see Laws.MayIdle.
func (l *Laws) work(e *vidur.Event, s *site) {
	if l.MayIdle {
		return
	}
	for _, b := range e.Batches {
		for i := range b.Slots {
			for _, id := range s.idle {
				if r := b.Slots[i].Request; r.ID == id {
					l.fail(Work, where{e.Replica, b, r}, "it was left at the idle replica at t=%g s, and is taken now", s.idleAt)
				}
			}
		}
	}
	if s.idle = s.idle[:0]; len(s.flights) > 0 {
		return
	}
	s.idleAt = e.At
	for _, q := range []*vidur.Queue{&e.Replica.Waiting, &e.Replica.Running} {
		for i := range q.Len() {
			s.idle = append(s.idle, q.At(i).ID)
		}
	}
}

func (l *Laws) stageArrived(e *vidur.Event) {
	s, fl := l.flight(e)
	if fl == nil {
		return
	}
	l.expected[vidur.StageStarted]++
	l.expected[vidur.StageEnded]++
	if fl.at || fl.done != e.Stage {
		l.fail(Stages, where{e.Replica, e.Batch, nil}, "it comes to stage %d with %d stages behind it", e.Stage, fl.done)
	}
	fl.at = true
	st := &s.stages[e.Stage]
	st.line = append(st.line, fl)
}

func (l *Laws) stageStarted(e *vidur.Event) {
	st := &l.site(e.Replica).stages[e.Stage]
	if e.Batch == nil {
		if st.busy == nil && len(st.line) > 0 {
			l.fail(Stages, where{rep: e.Replica}, "stage %d idles in front of batch %d", e.Stage, st.line[0].id)
		}
		return
	}
	w := where{e.Replica, e.Batch, nil}
	_, fl := l.flight(e)
	switch {
	case fl == nil:
		return
	case st.busy != nil:
		l.fail(Stages, w, "stage %d works on batch %d", e.Stage, st.busy.id)
		return
	case len(st.line) == 0 || st.line[0] != fl:
		l.fail(Stages, w, "it is not first in the line of stage %d", e.Stage)
		return
	}
	st.line = st.line[1:]
	st.busy, fl.start, fl.total = fl, e.At, e.Batch.Time.Total()
	fl.exec += fl.total
	if !(fl.total >= 0) || e.Batch.StageStart != e.At || e.At < e.Batch.ScheduledAt {
		l.fail(Stages, w, "stage %d starts at %g s and takes %g s", e.Stage, e.Batch.StageStart, fl.total)
	}
	for i := range e.Batch.Slots {
		w.r = e.Batch.Slots[i].Request
		f := l.life(w)
		if f == nil {
			return
		}
		if !f.started && (w.r.StartedAt != e.At || e.Stage != 0) {
			l.fail(Causality, w, "it says that it was first started at %g s", w.r.StartedAt)
		}
		f.started = true
	}
}

func (l *Laws) stageEnded(e *vidur.Event) {
	s, fl := l.flight(e)
	if fl == nil {
		return
	}
	l.expected[vidur.StageStarted]++
	w, st := where{e.Replica, e.Batch, nil}, &s.stages[e.Stage]
	if st.busy != fl {
		l.fail(Stages, w, "stage %d does not work on it", e.Stage)
		return
	}
	if e.At != fl.start+fl.total {
		l.fail(Stages, w, "stage %d began at %g s, takes %g s and ends now", e.Stage, fl.start, fl.total)
	}
	st.busy, fl.at = nil, false
	if fl.done++; fl.done < e.Replica.Spec.PP {
		l.expected[vidur.StageArrived]++
	}
}

func (l *Laws) batchEnded(e *vidur.Event) {
	s, fl := l.flight(e)
	if fl == nil {
		return
	}
	l.expected[vidur.Scheduled]++
	if l.cluster != nil && l.cluster.Waiting.Len() > 0 {
		l.expected[vidur.Routed]++
	}
	if fl.done != e.Replica.Spec.PP || fl.at {
		l.fail(Stages, where{e.Replica, e.Batch, nil}, "it ends after %d of %d stages", fl.done, e.Replica.Spec.PP)
	}
	for i, other := range s.flights {
		if other == fl {
			s.flights = append(s.flights[:i], s.flights[i+1:]...)
			break
		}
	}
	for i := range e.Batch.Slots {
		slot := &e.Batch.Slots[i]
		l.ended(where{e.Replica, e.Batch, slot.Request}, s, fl, slot)
		if l.first != nil {
			return
		}
	}
	l.checkSite(s)
}
