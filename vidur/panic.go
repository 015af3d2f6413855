package vidur

import (
	"fmt"
	"runtime/debug"
	"strings"
)

// call says which policy the Simulator is in. It is set around every call of one,
// so that a panic of a policy is told from one of the engine, which goes on.
type call uint8

const (
	inEngine call = iota
	inWorkload
	inRouter
	inNext // a Scheduler that forms a batch
	inDone // a Scheduler otherwise
	inPredictor
	inRecorder
)

var callNames = [...]string{"engine", "workload", "router", "scheduler", "scheduler", "predictor", "recorder"}

// PanicError is a panic of a policy. It is in the chain of the *RunError with which
// the run ends.
type PanicError struct {
	Policy string // workload, router, scheduler, predictor, recorder, or another function of the user's
	Value  any    // of the panic
	Stack  []byte // of the goroutine, as debug.Stack writes it
}

// Error is one line; the stack is not in it.
func (e *PanicError) Error() string {
	return oneLine(fmt.Sprintf("the %s panicked: %v", e.Policy, e.Value))
}

// Unwrap returns the value of the panic if it is an error, else nil.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// misuse is an error of which one request is the object. Batch.Add panics with it.
type misuse struct {
	request int // ID
	text    string
}

func (e *misuse) Error() string { return e.text }

func misused(r *Request, format string, args ...any) *misuse {
	return &misuse{r.ID, fmt.Sprintf(format, args...)}
}

// panicked ends the run with a panic of the policy that is being called; v is what
// recover returned, nil after a runtime.Goexit.
func (s *Simulator) panicked(v any) {
	if v == nil {
		return
	}
	e := &RunError{At: s.cluster.Now, Policy: callNames[s.calling], Replica: -1, Batch: -1, Request: -1}
	if m, ok := v.(*misuse); ok {
		e.Err, e.Request = m, m.request
	} else {
		e.Err = &PanicError{Policy: callNames[s.calling], Value: v, Stack: debug.Stack()}
	}
	s.locate(e)
	s.calling, s.broken, s.err = inEngine, true, e
}

// locate says where a policy was called.
func (s *Simulator) locate(e *RunError) {
	if s.calling == inRouter || s.calling == inWorkload {
		if s.asked != nil {
			e.Request = s.asked.ID
		}
		return
	}
	ev := &s.event
	if ev.Batch != nil {
		e.Batch = ev.Batch.ID
	}
	if rep := ev.Replica; rep != nil {
		e.Replica = rep.ID
		switch {
		case s.calling == inNext:
			e.Batch = s.batches
		case s.calling == inDone && rep.parked != nil:
			e.Batch = rep.parked.ID
		}
	}
	if s.calling == inRecorder && ev.Request != nil {
		e.Request = ev.Request.ID
	}
}

// oneLine joins the lines of a text.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\r\n") {
		return s
	}
	lines := strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' })
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "; ")
}
