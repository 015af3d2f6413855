package cells

import (
	"bytes"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/govidur/govidur/kernel/eval"
)

// panicStatus is the exit status of a Go program that panics.
const panicStatus = 2

// lastWords stands in the standard error of a program. What looks like the message
// of the Go runtime about its end is held back, with all that follows.
type lastWords struct {
	to   io.Writer
	held bytes.Buffer
	line bool // the last byte was not the end of a line
}

// Write implements io.Writer.
func (w *lastWords) Write(p []byte) (int, error) {
	if w.held.Len() > 0 {
		return w.held.Write(p)
	}
	at := w.begins(p)
	if at > 0 {
		w.line = p[at-1] != '\n'
		if n, err := w.to.Write(p[:at]); err != nil {
			return n, err
		}
	}
	w.held.Write(p[at:])
	return len(p), nil
}

// begins is where the first line begins that may be last words, or the length.
func (w *lastWords) begins(p []byte) int {
	for i := 0; i < len(p); {
		if i > 0 || !w.line {
			for _, words := range []string{"panic: ", "fatal error: ", "runtime: "} {
				if bytes.HasPrefix(p[i:], []byte(words)) {
					return i
				}
			}
		}
		end := bytes.IndexByte(p[i:], '\n')
		if end < 0 {
			break
		}
		i += end + 1
	}
	return len(p)
}

// release passes on what was held: they were no last words.
func (w *lastWords) release() {
	_, _ = w.held.WriteTo(w.to) // as in Write: the reader is gone
}

// framed is a line of a stack that names a place in a cell.
var framed = regexp.MustCompile(`(?m)^\t` + regexp.QuoteMeta(eval.CellDir) + `(.+):(\d+)(?: \+0x[0-9a-f]+)?$`)

// panicked is the error of a program that has panicked, at the innermost place in a
// cell; nil if these are no last words.
func (s *Shell) panicked(words string) *eval.Error {
	msg, stack, _ := strings.Cut(words, "\n\ngoroutine ")
	if msg = strings.TrimSpace(msg); msg == "" {
		return nil
	}
	e := &eval.Error{Kind: eval.Panicked, Stack: []byte(words), Problems: []eval.Problem{{Msg: msg}}}
	first, _, _ := strings.Cut(stack, "\n\n")
	if m := framed.FindStringSubmatch(first); m != nil {
		line, _ := strconv.Atoi(m[2]) // digits
		p := s.session.PlaceOf(m[1], line, 1)
		p.Column += len(p.Source) - len(strings.TrimLeft(p.Source, " \t"))
		e.Problems[0].Place = p
	}
	return e
}
