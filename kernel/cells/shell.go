package cells

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/govidur/govidur/kernel/eval"
	"github.com/govidur/govidur/kernel/nb"
)

// Host is where commands show what they have to say.
type Host struct {
	Out, Err io.Writer // text; nil are those of the process

	// Display shows a value; with an id it can be replaced later, which update says.
	// nil writes its text to Out.
	Display func(b nb.Bundle, id string, update bool)
}

// Shell runs cells with commands in a session. Like that it is for one goroutine,
// but for Interrupt.
type Shell struct {
	opt     eval.Options
	host    Host
	session *eval.Session
	set     map[string]string // variables of the environment, by commands
	dir     string            // as a command has set it; empty if none has
	bound   []Policy          // in the order of their cells
	changes int               // of these

	mu     sync.Mutex
	cancel context.CancelFunc // ends the cell that runs
}

// New makes a Shell with a session of its own.
func New(opt eval.Options, host Host) (*Shell, error) {
	session, err := eval.New(opt)
	if err != nil {
		return nil, err
	}
	if host.Out == nil {
		host.Out = os.Stdout
	}
	if host.Err == nil {
		host.Err = os.Stderr
	}
	return &Shell{opt: opt, host: host, session: session, set: map[string]string{}}, nil
}

// Session is where the Go of the cells runs.
func (s *Shell) Session() *eval.Session { return s.session }

// Result is what a cell did.
type Result struct {
	eval.Result

	// Reset says that the cell asks for a new process, or a new Shell, in which
	// nothing is declared; Rest is what is to be run there. It has blank lines in
	// place of what was done.
	Reset bool
	Rest  string
}

// Run runs a cell: its commands in their order, then its Go. The Result is never
// nil. The error is an *eval.Error if a place or an interrupt is its cause.
func (s *Shell) Run(ctx context.Context, src eval.Source) (*Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.mu.Lock()
	s.cancel = cancel
	s.mu.Unlock()
	out := &Result{}
	err := s.cell(ctx, src, out)
	var e *eval.Error
	if errors.As(err, &e) {
		e.Problems = inCell(e.Problems, src)
	}
	return out, err
}

// Interrupt ends the cell that runs. It may be called from any goroutine.
func (s *Shell) Interrupt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cancel != nil {
		s.cancel()
	}
	s.session.Interrupt()
}

// cell runs a cell, or the rest of one.
func (s *Shell) cell(ctx context.Context, src eval.Source, out *Result) error {
	steps, err := parse(src)
	if err != nil {
		return err
	}
	for i, st := range steps {
		if st.cmd == nil {
			return s.run(ctx, eval.Source{Name: src.Name, Code: masked(src.Code, st.code)}, out)
		}
		if err := st.cmd.run(s, call{step: st, ctx: ctx, src: src, out: out}); err != nil {
			return err
		}
		if out.Reset {
			if i+1 < len(steps) && out.Rest == "" {
				out.Rest = masked(src.Code, span{lineEnd(src.Code, st.arg.to), len(src.Code)})
			}
			return nil
		}
	}
	return nil
}

// run evaluates Go.
func (s *Shell) run(ctx context.Context, src eval.Source, out *Result) error {
	res, err := s.session.Eval(ctx, src)
	if res != nil {
		out.Notes = append(out.Notes, res.Notes...)
		out.Values = append(out.Values, res.Values...)
	}
	return err
}

// inCell gives the problems the lines of the cell as its author sees them, and in
// place of an option of the command what a cell has.
func inCell(problems []eval.Problem, src eval.Source) []eval.Problem {
	for i, p := range problems {
		problems[i].Msg = strings.ReplaceAll(p.Msg, "--compile ", "%%compile ")
		if p.Filename == src.Name && p.IsValid() && p.Source != "" {
			problems[i].Source = lineOf(src.Code, p.Line)
		}
	}
	return problems
}

// show displays a value.
func (s *Shell) show(b nb.Bundle, id string, update bool) {
	if s.host.Display != nil {
		s.host.Display(b, id, update)
		return
	}
	text, _ := b["text/plain"].(string)
	_, _ = io.WriteString(s.host.Out, text+"\n")
}
