package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/term"

	"github.com/govidur/govidur/kernel/cells"
)

// pipe is input that nobody types.
type pipe struct{ r *bufio.Reader }

func newPipe(r io.Reader) *pipe { return &pipe{bufio.NewReader(r)} }

func (p *pipe) interactive() bool { return false }

func (p *pipe) line(_, _, _ string) (string, bool, error) {
	text, err := p.r.ReadString('\n')
	if text != "" {
		err = nil // the next one is the end
	}
	return strings.TrimRight(text, "\r\n"), false, err
}

// terminal is input that is typed, with a history and completion.
type terminal struct {
	fd     int
	edit   *term.Terminal
	keys   *keys
	shell  *atomic.Pointer[cells.Shell]
	before string // of the cell that is being typed

	mu     sync.Mutex
	cooked *term.State // how the terminal was, while lines are edited
}

func newTerminal(fd int, s *atomic.Pointer[cells.Shell]) *terminal {
	t := &terminal{fd: fd, shell: s, keys: &keys{from: os.Stdin}}
	t.edit = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{t.keys, os.Stdout}, "")
	t.edit.History = openHistory()
	t.edit.AutoCompleteCallback = t.key
	return t
}

func (t *terminal) interactive() bool { return true }

func (t *terminal) line(prompt, indent, before string) (string, bool, error) {
	if err := t.raw(); err != nil {
		return "", false, err
	}
	defer t.restore()
	if w, h, err := term.GetSize(t.fd); err == nil && w > 0 {
		if err := t.edit.SetSize(w, h); err != nil {
			return "", false, err
		}
	}
	t.edit.SetPrompt(prompt)
	t.edit.SetBracketedPasteMode(true)
	defer t.edit.SetBracketedPasteMode(false)
	t.before = before
	t.keys.indent = strings.ReplaceAll(indent, "\t", indentText)
	text, err := t.edit.ReadLine()
	if t.keys.takeCleared() {
		return "", false, errCleared
	}
	pasted := errors.Is(err, term.ErrPasteIndicator)
	if pasted {
		err = nil
	}
	if err != nil {
		_, _ = io.WriteString(os.Stdout, "\r\n") // the shell's prompt stands on a line of its own
	}
	return text, pasted, err
}

// raw makes the terminal give every key.
func (t *terminal) raw() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	state, err := term.MakeRaw(t.fd)
	if err == nil {
		t.cooked = state
	}
	return err
}

// restore makes the terminal what it was: Ctrl-C is a signal to the cell that
// runs. It may be called from any goroutine.
func (t *terminal) restore() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cooked != nil {
		_ = term.Restore(t.fd, t.cooked) // a terminal that is gone needs it no more
		t.cooked = nil
	}
}

const (
	ctrlC = 3

	// clearKeys end a paste, go to the end of the line, delete to its beginning and
	// enter what is left.
	clearKeys = "\x1b[201~\x05\x15\r"

	// indentText stands for a level of indentation: a tab asks for completion.
	indentText = "    "
)

// keys is the keyboard. It gives the line editor one line at a time, with the
// indentation before it. The editor takes Ctrl-C for the end of the input; this
// makes it clear the line.
type keys struct {
	from    io.Reader
	indent  string // to be read before anything else
	pending []byte // was read and not given
	cleared bool   // the line that is entered next is one that Ctrl-C emptied
}

// takeCleared reports whether Ctrl-C has emptied the line, and forgets it.
func (k *keys) takeCleared() bool {
	was := k.cleared
	k.cleared = false
	return was
}

// Read implements io.Reader.
func (k *keys) Read(p []byte) (int, error) {
	if k.indent != "" {
		n := copy(p, k.indent)
		k.indent = k.indent[n:]
		return n, nil
	}
	if len(k.pending) == 0 {
		buf := make([]byte, len(p))
		n, err := k.from.Read(buf)
		if n == 0 {
			return 0, err
		}
		k.pending = buf[:n]
	}
	if k.pending[0] == ctrlC {
		k.cleared = true
		k.pending = append([]byte(clearKeys), k.pending[1:]...)
	}
	n := copy(p, k.pending[:nextLine(k.pending)])
	k.pending = k.pending[n:]
	return n, nil
}

// nextLine is how many bytes there are to the end of the line or to a Ctrl-C.
func nextLine(keys []byte) int {
	i := bytes.IndexAny(keys, "\r\n\x03")
	switch {
	case i < 0:
		return len(keys)
	case keys[i] == ctrlC:
		return i
	case keys[i] == '\r' && i+1 < len(keys) && keys[i+1] == '\n':
		return i + 2
	}
	return i + 1
}
