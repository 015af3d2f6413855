package vidurtest

import (
	"fmt"

	"github.com/govidur/govidur/vidur"
)

// Law names what a Violation breaks.
type Law string

// The laws.
const (
	Requests  Law = "requests"
	Tokens    Law = "tokens"
	Causality Law = "causality"
	Stages    Law = "stages"
	Memory    Law = "memory"
	Clock     Law = "clock"
	Pipeline  Law = "pipeline"
	Work      Law = "work"
	Events    Law = "events"
	Order     Law = "order"
	Isolation Law = "isolation" // of Search only: it takes several runs
)

// Violation is the first event of a run at which a law did not hold.
type Violation struct {
	Law     Law
	At      float64 // s
	Replica int     // -1 if none
	Batch   int     // its ID, -1 if none
	Request int     // its ID, -1 if none
	Detail  string
}

func (v *Violation) Error() string {
	s := fmt.Sprintf("law %q broken at t=%g s", v.Law, v.At)
	for _, p := range []struct {
		name string
		id   int
	}{{"replica", v.Replica}, {"batch", v.Batch}, {"request", v.Request}} {
		if p.id >= 0 {
			s += fmt.Sprintf(" %s %d", p.name, p.id)
		}
	}
	return s + ": " + v.Detail
}

// Laws checks the events of one run. The zero value has every law but Order and
// the paged half of the memory law; the fields say otherwise. It costs a pass
// over a replica's requests for each of its batches.
type Laws struct {
	// FCFS adds the law that the requests of a replica are scheduled for the
	// first time in the order in which they were routed there.
	FCFS bool
	// Paged adds the law that the blocks of a request hold its tokens: in a
	// batch the cached ones and those of a prefill chunk, between batches those
	// that were processed.
	Paged bool
	// MayIdle drops the law of work, for policies that wait for company. The
	// law: when a scheduler is asked, forms nothing and has no batch in flight,
	// then nothing happens at its replica until another request arrives; so it
	// must not take one of the requests that it left there when that happens.
	// (If it never takes them the run ends with a *vidur.StuckError.)
	MayIdle bool
	// OwnQueues is for schedulers that keep requests in structures of their
	// own: that none is lost is checked at the end of the run only.
	OwnQueues bool
	// MaxEvents makes longer runs a violation of Events; 0 means no limit.
	MaxEvents int

	cluster  *vidur.Cluster
	first    *Violation
	now      float64 // s
	stamp    int     // of the latest scan
	lives    []*life // by ID of the request
	sites    []*site // by ID of the replica
	front    int     // requests that arrived and were not routed
	batches  int     // formed
	counts   [vidur.BatchEnded + 1]int
	expected [vidur.BatchEnded + 1]int // events that others must have caused
}

// Watch tells the laws the cluster, before the first event; without it the
// queue in front of the cluster is not checked.
func (l *Laws) Watch(c *vidur.Cluster) { l.cluster = c }

// Err returns the first violation, a *Violation, or nil.
func (l *Laws) Err() error {
	if l.first == nil {
		return nil
	}
	return l.first
}

// Record checks one event.
func (l *Laws) Record(e *vidur.Event) {
	if l.first != nil {
		return
	}
	l.clock(e)
	switch e.Kind {
	case vidur.Arrived:
		l.arrived(e)
	case vidur.Routed:
		l.routed(e)
	case vidur.Scheduled:
		l.scheduled(e)
	case vidur.StageArrived:
		l.stageArrived(e)
	case vidur.StageStarted:
		l.stageStarted(e)
	case vidur.StageEnded:
		l.stageEnded(e)
	case vidur.BatchEnded:
		l.batchEnded(e)
	}
}

func (l *Laws) clock(e *vidur.Event) {
	if !(e.At >= l.now) {
		l.fail(Clock, where{e.Replica, nil, nil}, "%s is after t=%g s", e.Kind, l.now)
	}
	l.now = e.At
	if e.Replica != nil && e.Replica.Now != e.At {
		l.fail(Clock, where{e.Replica, nil, nil}, "the replica's Now is %g s", e.Replica.Now)
	}
	l.counts[e.Kind]++
	if n := l.events(); l.MaxEvents > 0 && n > l.MaxEvents {
		l.fail(Events, where{e.Replica, nil, nil}, "the run goes on after %d events", n-1)
	}
}

func (l *Laws) events() int {
	n := 0
	for _, c := range l.counts {
		n += c
	}
	return n
}

// where is the place of a violation; each part may be nil.
type where struct {
	rep *vidur.Replica
	b   *vidur.Batch
	r   *vidur.Request
}

func (l *Laws) fail(law Law, w where, format string, args ...any) {
	if l.first != nil {
		return
	}
	v := &Violation{Law: law, At: l.now, Replica: -1, Batch: -1, Request: -1, Detail: fmt.Sprintf(format, args...)}
	if w.rep != nil {
		v.Replica = w.rep.ID
	}
	if w.b != nil {
		v.Batch = w.b.ID
	}
	if w.r != nil {
		v.Request = w.r.ID
	}
	l.first = v
}
