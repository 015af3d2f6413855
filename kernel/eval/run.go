package eval

import (
	"context"
	"errors"
	"fmt"
	"go/token"
	"io"
	"os"
	"strings"
	"time"

	"github.com/traefik/yaegi/interp"

	"github.com/govidur/govidur/kernel/eval/internal/lower"
	"github.com/govidur/govidur/vidur"
)

// errEnded is the error of a goroutine that ended without returning.
var errEnded = errors.New("it ended the goroutine that it ran in")

// errInterrupted is the cause of a context that Interrupt ends.
var errInterrupted = errors.New("interrupted")

// ended is what user code that ends the program panics with when the session
// goes on.
type ended struct{ err *Error }

// grace is how long code that is interrupted has to come to its end, in pauses of
// gracePause. Loops and waits for channels, locks, groups and time do so at once,
// simulations and sweeps that were given the context in milliseconds; other compiled
// code does not.
const (
	grace      = 50
	gracePause = 10 * time.Millisecond
)

// graceDeep is the same for calls that went too deep: it takes seconds to end so
// many.
const graceDeep = 40 * grace

// errDeep is of calls that went too deep.
var errDeep = errors.New("stack overflow")

// comesToItsEnd waits for a program that was stopped, and reports whether it has
// ended. It counts pauses and not time: on a machine that is busy, or was halted,
// the program had no more of it than this goroutine.
func comesToItsEnd(ctx context.Context, done <-chan error) bool {
	pauses := grace
	if errors.Is(context.Cause(ctx), errDeep) {
		pauses = graceDeep
	}
	for range pauses {
		select {
		case <-done:
			return true
		case <-time.After(gracePause):
		}
	}
	return false
}

// execute runs the program of a unit.
func (s *Session) execute(ctx context.Context, u *unit) error {
	in := s.in
	return s.conduct(ctx, func() error {
		_, err := in.Execute(u.program)
		return err
	})
}

// conduct runs f as a cell is run: on a goroutine of its own, which ends with ctx.
func (s *Session) conduct(ctx context.Context, f func() error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s.mu.Lock()
	s.ctx, s.cancel = ctx, cancel
	s.mu.Unlock()
	w, done := s.world, make(chan error, 1)
	w.forgetPanics()
	go func() {
		err := errEnded
		defer func() { done <- err }() // also when the goroutine ends without returning
		err = f()
	}()
	select {
	case err := <-done:
		return s.outcome(ctx, err)
	case <-ctx.Done():
	}
	w.stop()
	if comesToItsEnd(ctx, done) {
		w.settle()
		w.resume()
		return s.interrupted(ctx)
	}
	e := s.interrupted(ctx)
	if s.opt.End == nil { // else the process ends with the program
		e.Replaced = true
		s.replace(e)
	}
	return e
}

// outcome is what a program that has come to its end means.
func (s *Session) outcome(ctx context.Context, err error) error {
	var p interp.Panic
	switch {
	case errors.As(err, &p):
		return s.panicked(p.Value, p.Stack)
	case ctx.Err() != nil:
		return s.interrupted(ctx)
	case err != nil:
		return s.internalError(err)
	}
	return nil
}

// replace leaves a program to itself that does not end, with its interpreter, and
// adds to the error what is lost by that.
func (s *Session) replace(e *Error) {
	notes, err := s.renew()
	if err != nil {
		notes = append(notes, err.Error())
	}
	for _, n := range notes {
		e.Problems = append(e.Problems, Problem{Msg: n})
	}
}

// Context is that of the cell that runs, or ran last.
func (s *Session) Context() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx == nil {
		return context.Background()
	}
	return s.ctx
}

// Interrupt ends the cell that runs. It may be called from any goroutine.
func (s *Session) Interrupt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cancel != nil {
		s.cancel(errInterrupted)
	}
}

func (s *Session) interrupted(ctx context.Context) *Error {
	cause := context.Cause(ctx)
	var e *Error
	if errors.As(cause, &e) {
		return e
	}
	return &Error{Kind: Interrupted, Err: cause, Problems: []Problem{{s.at(s.position()), WhyEnded(cause)}}}
}

// WhyEnded says in words why a context has ended code, by its cause: somebody has
// interrupted it, or its time limit has passed.
func WhyEnded(cause error) string {
	if errors.Is(cause, context.DeadlineExceeded) {
		return "stopped: the time limit has passed"
	}
	return "interrupted"
}

// position is the statement of user code that ran last.
func (s *Session) position() token.Position { return s.rt.Position() }

// panicked makes an Error of a panic that nothing recovered.
func (s *Session) panicked(value any, stack []byte) *Error {
	switch x := value.(type) {
	case ended:
		return x.err
	case *lower.Refused:
		return &Error{Kind: Refused, Err: x, Problems: []Problem{{s.at(s.tap.last), plain(x.Error())}}}
	}
	value = lower.Explain(value)
	e := &Error{Kind: Panicked, Stack: stack}
	e.Err, _ = value.(error)
	e.Problems = []Problem{{s.at(s.tap.last), "panic: " + plain(fmt.Sprint(value))}}
	return e
}

// goroutinePanicked ends the program, as a panic in a goroutine does.
func (s *Session) goroutinePanicked(value any, pos token.Position) {
	e := s.panicked(value, nil)
	if pos.IsValid() && e.Kind == Panicked {
		e.Problems[0].Place = s.at(pos)
	}
	s.broken(e)
}

// broken ends the program from any goroutine. When the cell is over that has
// started the goroutine, there is nothing to end but to say it.
func (s *Session) broken(e *Error) {
	if s.opt.End != nil {
		s.opt.End(e)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.cancel == nil:
	case s.ctx.Err() == nil:
		s.cancel(e)
	case errors.Is(context.Cause(s.ctx), context.Canceled):
		fmt.Fprintln(s.stderr(), "a goroutine that a cell left behind has ended:", e)
	}
}

// stderr is where errors go that are no cell's.
func (s *Session) stderr() io.Writer {
	if s.opt.Stderr != nil {
		return s.opt.Stderr
	}
	return os.Stderr
}

// overflowed ends the program when its calls have gone too deep.
func (s *Session) overflowed(w *world, limit int) {
	msg := fmt.Sprintf("stack overflow: calls are more than %d deep (--compile allows more)", limit)
	s.broken(&Error{Kind: Panicked, Err: errDeep, Problems: []Problem{{s.at(w.rt.Position()), msg}}})
}

// Fail ends the program with an error that its code gave up with. It does not
// return.
func (s *Session) Fail(err error) {
	var known *Error
	if errors.As(err, &known) {
		s.end(known)
	}
	place := s.position()
	var run *vidur.RunError
	if errors.As(err, &run) {
		place = s.blame(run)
	}
	s.end(&Error{Kind: Failed, Err: err, Code: 1, Problems: []Problem{{s.at(place), plain(err.Error())}}})
}

// blame is where the policy stands that ended a simulation: its line if it
// panicked, else its method if only one type has that, else where the program is.
func (s *Session) blame(run *vidur.RunError) (place token.Position) {
	for _, w := range s.worlds() {
		if w.tap.last.IsValid() {
			return w.tap.last
		}
	}
	method := map[string]string{"workload": "Next", "router": "Route", "scheduler": "Next", "predictor": "StageTime", "recorder": "Record"}[run.Policy]
	found := 0
	for _, w := range s.worlds() {
		for key, d := range w.decls.by {
			if d.recv != "" && key == d.recv+"."+method {
				found++
				place = token.Position{Filename: d.file, Line: d.line, Column: d.col}
			}
		}
	}
	if found != 1 {
		return s.position()
	}
	return place
}

// Exit ends the program with a status. It does not return.
func (s *Session) Exit(code int) {
	s.end(&Error{Kind: Exited, Code: code, Problems: []Problem{{Msg: fmt.Sprintf("exit status %d", code)}}})
}

// EndInterrupted ends the program from within, where it waits for what an interrupt
// has ended. It does not return.
func (s *Session) EndInterrupted() { s.end(s.interrupted(s.Context())) }

func (s *Session) end(e *Error) {
	if s.opt.End != nil {
		s.opt.End(e)
	}
	panic(ended{e})
}

// tap stands between the interpreter and standard error. The interpreter says
// there, frame by frame, where a panic passes; the user gets that in one
// message instead.
type tap struct {
	to   io.Writer // nil: os.Stderr
	at   func() token.Position
	last token.Position // where the latest panic began
}

// Write implements io.Writer.
func (t *tap) Write(p []byte) (int, error) {
	if line := string(p); strings.Contains(line, ": panic: ") && strings.HasSuffix(line, "(...)\n") {
		t.last = t.at()
		return len(p), nil
	}
	if t.to == nil {
		return os.Stderr.Write(p)
	}
	return t.to.Write(p)
}
