package vidur

import "fmt"

// RunError says where in a run an error occurred. Err is what a part of the run
// returned, or what a policy did wrong, or a *PanicError.
type RunError struct {
	At      float64 // s
	Policy  string  // that did it: workload, router, scheduler, predictor or recorder
	Replica int     // -1 if at none
	Batch   int     // -1 if in none
	Request int     // ID of the request that it is about; -1 if about none
	Err     error
}

// Error is one line.
func (e *RunError) Error() string {
	s := fmt.Sprintf("vidur: t=%g s", e.At)
	if e.Replica >= 0 {
		s += fmt.Sprintf(" replica %d", e.Replica)
	}
	if e.Batch >= 0 {
		s += fmt.Sprintf(" batch %d", e.Batch)
	}
	if _, named := e.Err.(*misuse); e.Request >= 0 && !named {
		s += fmt.Sprintf(" request %d", e.Request)
	}
	return s + ": " + oneLine(e.Err.Error())
}

// Unwrap returns Err.
func (e *RunError) Unwrap() error { return e.Err }

// StuckError says that nothing more can happen although a request waits.
type StuckError struct {
	At      float64 // s, of the last event
	Replica int     // -1 if the router never placed it
	Request int     // ID of the first in line; -1 if it is in no queue of the engine
	Prefill int     // its prompt, tokens
	Waiting int     // requests that wait
	Why     string  // may be empty
}

// Error is one line.
func (e *StuckError) Error() string {
	if e.Request < 0 {
		return fmt.Sprintf("vidur: t=%g s: the scheduler of replica %d keeps or lost %d requests", e.At, e.Replica, e.Waiting)
	}
	where := "the router never placed it"
	if e.Replica >= 0 {
		where = fmt.Sprintf("the scheduler of replica %d never takes it", e.Replica)
	}
	s := fmt.Sprintf("vidur: t=%g s: request %d with a prompt of %d tokens can never be scheduled: %s", e.At, e.Request, e.Prefill, where)
	if e.Why != "" {
		s += ": " + oneLine(e.Why)
	}
	if e.Waiting > 1 {
		s += fmt.Sprintf(" (%d requests wait)", e.Waiting)
	}
	return s
}

// Explainer is what a compiled Scheduler may implement to say why it does not
// take a request that waits.
type Explainer interface {
	Explain(rep *Replica, r *Request) string
}
