package vidurtest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/govidur/govidur/vidur"
)

// PanicError is a panic of a policy; see [vidur.PanicError].
type PanicError = vidur.PanicError

// HangError says that a policy did not come back from a call.
type HangError struct {
	At     float64       // s, of the event before
	Events int           // before it
	After  time.Duration // for how long it was waited at least, by the clock on the wall
}

// Error is one line.
func (e *HangError) Error() string {
	return fmt.Sprintf("after t=%g s and %d events a policy does not return within %v", e.At, e.Events, e.After)
}

// watch is a recorder that shows other goroutines how far a run is.
type watch struct {
	events atomic.Int64
	at     atomic.Uint64 // bits of s
}

func (w *watch) Record(e *vidur.Event) {
	w.at.Store(math.Float64bits(e.At))
	w.events.Add(1)
}

var errExit = errors.New("the policy ended its goroutine (runtime.Goexit)")

// guarded runs f in a goroutine, which it leaves if there is no event for too long
// or the context is done. A panic of f is an error.
func (c *checker) guarded(f func(w *watch) error) error {
	w, done := &watch{}, make(chan error, 1)
	go func() {
		err := errExit
		defer func() {
			if v := recover(); v != nil {
				err = &PanicError{Policy: "run", Value: v, Stack: debug.Stack()}
			}
			done <- err
		}()
		err = f(w)
	}()
	tick := time.NewTicker(c.stall)
	defer tick.Stop()
	for last := int64(-1); ; {
		select {
		case err := <-done:
			return err
		case <-c.ctx.Done():
			return context.Cause(c.ctx)
		case <-tick.C:
		}
		n := w.events.Load()
		if n == last {
			return &HangError{At: math.Float64frombits(w.at.Load()), Events: int(n), After: c.stall}
		}
		last = n
	}
}
