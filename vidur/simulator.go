package vidur

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// Simulator runs a Config once.
type Simulator struct {
	cfg       Config
	cluster   Cluster
	router    Router
	workload  Workload
	recorders []Recorder

	agenda   agenda
	next     *Request // the next arrival of the workload, beside the agenda; nil if none
	nextAt   float64  // s, when it arrives; +Inf if none
	slab     []Request
	requests int
	batches  int
	event    Event
	stop     bool
	bad      error    // what the workload answered; it counts when the event in hand is done
	err      error    // what ended the run
	calling  call     // the policy that is being called
	asked    *Request // the router or the workload about it
	broken   bool     // a policy panicked
	witness  *Digest  // that the process asks for, or nil
}

// New makes the simulation that cfg describes. The recorders see its events, in
// the order given. A panic of one of the recipes of cfg is a *RunError too.
func New(cfg Config, recorders ...Recorder) (*Simulator, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if cfg.Until == 0 {
		cfg.Until = math.Inf(1)
	}
	s := &Simulator{cfg: cfg, recorders: recorders, witness: witness()}
	if s.witness != nil {
		s.recorders = append(slices.Clip(recorders), s.witness)
	}
	if s.begin(); s.err != nil {
		return nil, s.err
	}
	return s, nil
}

// begin makes the policies and asks for the first request; it sets s.err.
func (s *Simulator) begin() {
	defer s.rescue()
	if s.err = s.make(); s.err != nil {
		return
	}
	s.agenda.now = math.Inf(-1) // before the first event
	s.look()
	s.err = s.bad
}

// make makes the replicas and the policies.
func (s *Simulator) make() (err error) {
	for id := range s.cfg.Replicas {
		rep, err := s.cfg.newReplica(id)
		if err != nil {
			return err
		}
		rep.calling, s.event.Replica = &s.calling, rep
		s.calling = inDone
		err = s.cfg.newScheduler(rep)
		if s.calling = inEngine; err != nil {
			return err
		}
		s.cluster.Replicas = append(s.cluster.Replicas, rep)
	}
	s.calling = inRouter
	s.router, err = s.cfg.newRouter(&s.cluster)
	if s.calling = inEngine; err != nil {
		return err
	}
	s.calling = inWorkload
	s.workload, err = s.cfg.newWorkload()
	if s.calling = inEngine; err != nil {
		return err
	}
	if s.allSums() {
		for _, rep := range s.cluster.Replicas {
			if rep.Spec.PP == 1 {
				rep.steady, _ = rep.sched.(Steady)
			}
		}
	}
	return nil
}

// Now is the simulated time, in seconds.
func (s *Simulator) Now() float64 { return s.cluster.Now }

// Cluster is the state of the simulation, to look at between two steps.
func (s *Simulator) Cluster() *Cluster {
	s.show()
	return &s.cluster
}

// Run handles events until none is left, Until is over, ctx is done or an error
// occurs. A request that can never be scheduled is an error, a *StuckError; a
// panic of a policy is a *RunError about a *PanicError. After an error there are no
// more events, and Run returns the same error again.
func (s *Simulator) Run(ctx context.Context) error {
	if err := s.run(ctx); err != nil {
		return err
	}
	return s.err
}

// run returns the error of ctx; that of the simulation is in s.err.
func (s *Simulator) run(ctx context.Context) error {
	defer s.rescue()
	for i := 0; ; i++ {
		e := s.take()
		if e == nil {
			break
		}
		s.handle(e)
		if i&1023 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if s.err == nil && !s.stop {
		s.err = s.stuck()
	}
	if s.witness != nil {
		return s.witness.testify()
	}
	return nil
}

// Step handles one event and reports whether there was one. The first event
// after Until is still handled, as in the original. After an error, which Run
// returns, there is none.
func (s *Simulator) Step() bool {
	defer func() { // as rescue, with a call less for every event
		if s.calling != inEngine {
			s.panicked(recover())
		}
	}()
	e := s.take()
	if e == nil {
		return false
	}
	s.handle(e)
	return true
}

// rescue makes an error of a panic of a policy. A panic of the engine goes on.
func (s *Simulator) rescue() {
	if s.calling != inEngine {
		s.panicked(recover())
	}
}

// take takes the next event; nil if there is none or the run is over.
func (s *Simulator) take() *item {
	if s.stop || s.err != nil {
		return nil
	}
	switch t := s.agenda.time(); {
	case s.nextAt <= t && s.next != nil:
		return s.arrival()
	case math.IsInf(t, 1):
		return nil
	}
	return s.agenda.pop()
}

func (s *Simulator) handle(e *item) {
	now := s.agenda.now
	s.cluster.Now = now
	s.stop = now > s.cfg.Until
	ev, kind := &s.event, e.kind
	ev.At, ev.Kind, ev.Stage, ev.Request, ev.Batch, ev.Replica = now, kind, int(e.stage), e.request, e.batch, nil
	ev.Requests, ev.Batches = ev.Requests[:0], ev.Batches[:0]
	if e.replica >= 0 {
		ev.Replica = s.cluster.Replicas[e.replica]
		ev.Replica.Now = now
	}
	switch kind {
	case Arrived:
		s.arrived(ev)
	case Routed:
		s.route(ev)
	case Scheduled:
		s.schedule(ev)
	case StageArrived:
		s.stageArrived(ev)
	case StageStarted:
		s.stageStart(ev)
	case StageEnded:
		s.stageEnd(ev)
	case BatchEnded:
		s.batchEnd(ev)
	}
	if s.err != nil {
		return
	}
	s.record(ev)
	if kind == BatchEnded && ev.Replica.parked != ev.Batch {
		ev.Replica.giveBatch(ev.Batch)
	}
	if s.bad != nil {
		s.err = s.bad
	}
}

func (s *Simulator) record(e *Event) {
	s.calling = inRecorder
	for _, r := range s.recorders {
		r.Record(e)
	}
	s.calling = inEngine
}

// arrival makes an event of the next request of the workload and asks for the
// one after it. At one time an arrival is before all else: it is the oldest.
func (s *Simulator) arrival() *item {
	r := s.next
	s.agenda.now, s.cluster.Now = r.At, r.At
	s.look()
	s.agenda.top = item{kind: Arrived, replica: -1, request: r}
	return &s.agenda.top
}

// look asks the workload for the next arrival.
func (s *Simulator) look() {
	s.nextAt = math.Inf(1)
	if s.next, s.bad = s.pull(); s.next != nil {
		s.nextAt = s.next.At
	}
}

// pull asks the workload for a request; nil if it knows none.
func (s *Simulator) pull() (*Request, error) {
	s.calling, s.asked = inWorkload, nil
	a, err := s.workload.Next(s.cluster.Now)
	s.calling = inEngine
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err == nil {
		err = s.check(a)
	}
	if err != nil {
		return nil, fmt.Errorf("vidur: request %d of the workload: %w", s.requests, err)
	}
	if len(s.slab) == 0 {
		s.slab = make([]Request, 64) // one allocation for many; the collector takes it back
	}
	r := &s.slab[0]
	s.slab = s.slab[1:]
	*r = Request{Arrival: a, ID: s.requests, Replica: -1, Prompt: a.Prefill}
	s.requests++
	return r, nil
}

func (s *Simulator) check(a Arrival) error {
	const most = 1 << 30 // tokens
	switch {
	case math.IsNaN(a.At) || math.IsInf(a.At, 0) || a.At < 0:
		return fmt.Errorf("it arrives at %g s", a.At)
	case a.At < s.cluster.Now:
		return fmt.Errorf("it arrives at %g s, which is before the present, %g s", a.At, s.cluster.Now)
	case a.Prefill < 1 || a.Decode < 1 || a.Prefill > most || a.Decode > most:
		return fmt.Errorf("it has %d prompt tokens and %d to generate; both must be at least 1", a.Prefill, a.Decode)
	}
	return nil
}

// fail ends the run with an error of a policy, of the replica in hand if it is
// about a batch, which may be nil.
func (s *Simulator) fail(by call, b *Batch, err error) {
	e := &RunError{At: s.cluster.Now, Policy: callNames[by], Replica: -1, Batch: -1, Request: -1, Err: err}
	if b != nil {
		e.Replica, e.Batch = s.event.Replica.ID, b.ID
	}
	if m, ok := err.(*misuse); ok {
		e.Request = m.request
	}
	s.err = e
}

// stuck reports the first request that is left when no event is.
func (s *Simulator) stuck() error {
	if q := &s.cluster.Waiting; q.Len() > 0 {
		return &StuckError{At: s.Now(), Replica: -1, Request: q.At(0).ID, Prefill: q.At(0).Prompt, Waiting: q.Len()}
	}
	for _, rep := range s.cluster.Replicas {
		if rep.outstanding == 0 {
			continue
		}
		e := &StuckError{At: s.Now(), Replica: rep.ID, Request: -1, Waiting: rep.outstanding}
		q := &rep.Waiting
		if q.Len() == 0 {
			q = &rep.Running
		}
		if q.Len() > 0 {
			e.Request, e.Prefill = q.At(0).ID, q.At(0).Prompt
			if x, ok := rep.sched.(Explainer); ok {
				s.event = Event{Replica: rep, Request: q.At(0)}
				s.calling = inDone
				e.Why = x.Explain(rep, q.At(0))
				s.calling = inEngine
			}
		}
		return e
	}
	return nil
}
