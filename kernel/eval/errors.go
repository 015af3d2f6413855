package eval

import (
	"cmp"
	"errors"
	"fmt"
	"go/scanner"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// Kind says at which stage code failed.
type Kind string

// The kinds of Errors.
const (
	Syntax      Kind = "syntax error"
	Compile     Kind = "compile error"
	Refused     Kind = "refused"     // right, but not interpreted faithfully
	Panicked    Kind = "panic"       // of the user's code
	Failed      Kind = "error"       // an error that the user's code gave up with
	Interrupted Kind = "interrupted" // by the user or a time limit
	Exited      Kind = "exit"        // os.Exit in a session that does not exit
)

// Place is a position in user code, with its line.
type Place struct {
	token.Position
	Source string // the line; empty if it is not known
}

// Problem is a message about a place.
type Problem struct {
	Place
	Msg string
}

// Error is why code did not run to its end.
type Error struct {
	Kind     Kind
	Problems []Problem // at least one; of a panic the innermost place first
	Code     int       // of Exited
	Err      error     // the error or the panic's value if that is one; may be nil
	Stack    []byte    // Go's, of a panic outside user code; may be nil
	Replaced bool      // what did not end goes on in a world of its own; variables are lost
}

// MaxProblems is how many problems a message shows.
const MaxProblems = 10

// Error is the message: for each problem file:line:col, what is wrong, the line
// and a caret.
func (e *Error) Error() string {
	var b strings.Builder
	for i, p := range e.Problems {
		if i == MaxProblems {
			fmt.Fprintf(&b, "\n(%d more)", len(e.Problems)-i)
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.String())
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// String is the place, the message, the line and a caret.
func (p Problem) String() string {
	if !p.IsValid() {
		return p.Msg
	}
	s := fmt.Sprintf("%s: %s", p.Position, p.Msg)
	if p.Source == "" {
		return s
	}
	return s + "\n    " + p.Source + "\n    " + p.Indent() + "^"
}

// Indent is white space as wide as what stands before the column.
func (p Place) Indent() string {
	before := p.Source[:min(max(p.Column-1, 0), len(p.Source))]
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, before)
}

func splitLines(code string) []string { return strings.Split(code, "\n") }

func joinLines(lines []string) string { return strings.Join(lines, "\n") }

// at finds the source line of a position.
func (s *Session) at(pos token.Position) Place {
	p := Place{Position: pos}
	if lines := s.lines[pos.Filename]; pos.Line > 0 && pos.Line <= len(lines) {
		p.Source = strings.TrimRight(lines[pos.Line-1], "\r")
	}
	return p
}

func (s *Session) syntaxError(err error) *Error {
	e := &Error{Kind: Syntax}
	var list scanner.ErrorList
	if !errors.As(err, &list) {
		e.Problems = []Problem{{Msg: err.Error()}}
		return e
	}
	list.RemoveMultiples()
	for _, x := range list {
		s.clamp(&x.Pos)
		e.Problems = append(e.Problems, Problem{s.at(x.Pos), x.Msg})
	}
	return e
}

// clamp moves a position behind the end of its source to the end.
func (s *Session) clamp(pos *token.Position) {
	lines := s.lines[pos.Filename]
	for len(lines) > 1 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	if n := len(lines); n > 0 && (pos.Line > n || pos.Line == n && pos.Column > len(lines[n-1])) {
		pos.Line, pos.Column = n, len(lines[n-1])+1
	}
}

func (s *Session) compileError(errs []types.Error) *Error {
	e := &Error{Kind: Compile}
	slices.SortStableFunc(errs, func(a, b types.Error) int { return cmp.Compare(a.Pos, b.Pos) })
	for _, x := range errs {
		msg := strings.ReplaceAll(x.Msg, " in argument to "+outName, "") // which the author has not written
		p := Problem{Msg: strings.ReplaceAll(plain(msg), "main.", "")}
		if name, ok := strings.CutPrefix(x.Msg, "undefined: "); ok && s.dropped[name] != "" {
			p.Msg += " (" + s.dropped[name] + ")"
		}
		if x.Pos.IsValid() {
			p.Place = s.at(s.fset.Position(x.Pos))
		}
		e.Problems = append(e.Problems, p)
	}
	return e
}

// internalError is of a fault of this package.
func (s *Session) internalError(err error) *Error {
	return &Error{Kind: Compile, Err: err, Problems: []Problem{{Msg: "internal error of the interpreter: " + err.Error()}}}
}
