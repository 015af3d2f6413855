// Package eval runs Go that people type: whole files and the cells of a
// notebook. A Source goes
//
//	parse → type-check → rewrite → interpret
//
// so that errors are those of the compiler, and what the interpreter would get
// wrong is rewritten or refused by name. Interpreted equals compiled, or is
// refused.
//
// A Session keeps what was declared. A declaration that is made anew takes
// everything that refers to it along, so nothing is ever stale; variables keep
// their values. The package knows nothing of Jupyter.
package eval

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Options of a Session; the zero Options are ready.
type Options struct {
	// Unrestricted offers what reaches out of the process too: other processes
	// (os/exec, os.StartProcess) and the network. Packages syscall and unsafe are
	// never interpreted.
	Unrestricted bool

	// End is told that the user's code ends the program, by os.Exit, log.Fatal, an
	// error it gave up with or a panic in a goroutine; it must not return. Without
	// it the cell ends with the error and the session goes on.
	End func(*Error)

	// NoPlaces leaves out the bookkeeping by which an error says which statement
	// it comes from. Goroutines of interpreted code do it without a lock, which the
	// race detector takes for what it is.
	NoPlaces bool

	// Stderr gets what the builtin print and println write; nil is os.Stderr.
	Stderr io.Writer
}

// Session is one interpreter with what was declared in it. It is for one
// goroutine; Interrupt alone may be called from others.
type Session struct {
	opt   Options
	lines map[string][]string // source lines by file, for messages
	*world

	changes int // of what Save returns

	mu     sync.Mutex
	ctx    context.Context // of the cell that runs
	cancel context.CancelCauseFunc
}

// New makes a Session.
func New(opt Options) (*Session, error) {
	s := &Session{opt: opt, lines: map[string][]string{}}
	return s, s.newWorld()
}

// Value is what the last expression of a cell gave.
type Value struct {
	Type string // in Go
	Any  any    // the value; what is of an interpreted type knows it
}

// Text is the value as %+v prints it, whatever its length. A value that contains
// itself must not be printed so.
func (v Value) Text() string { return plain(fmt.Sprintf("%+v", v.Any)) }

// Result is what a cell did.
type Result struct {
	Values []Value  // of the last expression; none if it has none
	Notes  []string // what else was compiled again, what was dropped
}

// Eval runs src: of a whole file its variables, its init functions and main, of
// a cell its statements. The error is an *Error.
func (s *Session) Eval(ctx context.Context, src Source) (*Result, error) {
	c, err := s.prepare(src)
	if err != nil {
		return nil, err
	}
	return s.eval(ctx, c)
}

// Load does what Eval does but leaves main out.
func (s *Session) Load(ctx context.Context, src Source) (*Result, error) {
	c, err := s.prepare(src)
	if err != nil {
		return nil, err
	}
	c.noMain = true
	return s.eval(ctx, c)
}

// Check says what is wrong with src, or would be refused, and runs nothing. It
// is for a session of its own: the declarations of src stay behind, compiled.
func (s *Session) Check(src Source) error {
	c, err := s.prepare(src)
	if err != nil {
		return err
	}
	u, err := s.check(c)
	if err != nil {
		return err
	}
	return s.compile(u)
}

func (s *Session) prepare(src Source) (*cell, error) {
	s.enterLines(src)
	c, err := s.parse(src)
	if err != nil {
		return nil, s.syntaxError(err)
	}
	return c, nil
}

func (s *Session) eval(ctx context.Context, c *cell) (*Result, error) {
	u, err := s.check(c)
	if err != nil {
		return nil, err
	}
	if err := s.compile(u); err != nil {
		return nil, err
	}
	s.commit(u)
	s.out, s.running = nil, u
	if err := s.execute(ctx, u); err != nil {
		var e *Error
		if errors.As(err, &e) && e.Replaced {
			return &Result{Notes: u.notes}, err // the program goes on with the unit, in a world of the past
		}
		for _, name := range u.unset {
			delete(s.objects, name)
			s.changes++
		}
		return &Result{Notes: u.notes}, err
	}
	return &Result{Values: s.out, Notes: u.notes}, nil
}
