package server

import (
	"fmt"
	"os"
	"strings"
	"unicode/utf8"
)

const (
	pieceSize = 64 << 10 // most bytes of text in a message
	maxTurns  = 16       // most changes between stdout and stderr in what is sent at once
)

// piece is text of one stream.
type piece struct{ name, text string }

// text gathers text until it is sent. The two streams keep their order among each
// other, unless they alternate so often that messages would be too many.
type text struct {
	pieces []*part
	size   int
	tails  map[string]string // beginnings of characters, by stream
}

type part struct {
	name string
	text strings.Builder
}

// add adds text; the beginning of a character waits for its end.
func (t *text) add(name, s string) {
	if s == "" {
		return
	}
	s = t.tails[name] + s
	whole := len(s) - cut(s)
	if t.tails == nil {
		t.tails = map[string]string{}
	}
	t.tails[name] = s[whole:]
	t.put(name, s[:whole])
}

func (t *text) put(name, s string) {
	if s == "" {
		return
	}
	if n := len(t.pieces); n == 0 || t.pieces[n-1].name != name {
		t.pieces = append(t.pieces, &part{name: name})
	}
	t.pieces[len(t.pieces)-1].text.WriteString(s)
	t.size += len(s)
}

// takeBack removes the end of the text, if that is what was added to a stream last
// and has not been sent.
func (t *text) takeBack(name, end string) bool {
	n := len(t.pieces) - 1
	if n < 0 || t.pieces[n].name != name || !strings.HasSuffix(t.pieces[n].text.String(), end) {
		return false
	}
	rest := strings.TrimSuffix(t.pieces[n].text.String(), end)
	t.pieces, t.size = t.pieces[:n], t.size-len(end)-len(rest)
	t.put(name, rest)
	return true
}

// end adds the beginnings of characters that have no end.
func (t *text) end() {
	for _, name := range []string{"stdout", "stderr"} {
		t.put(name, t.tails[name])
	}
	t.tails = nil
}

// cut is how many bytes at the end are a character that is not complete.
func cut(s string) int {
	for n := 1; n < utf8.UTFMax && n <= len(s); n++ {
		c := s[len(s)-n]
		if utf8.RuneStart(c) {
			if !utf8.FullRuneInString(s[len(s)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}

// take removes the text, in pieces that can be sent.
func (t *text) take() (out []piece) {
	if len(t.pieces) > maxTurns {
		t.merge()
	}
	for _, p := range t.pieces {
		rest := strings.ToValidUTF8(p.text.String(), "\uFFFD")
		for len(rest) > pieceSize {
			n := pieceSize - cut(rest[:pieceSize])
			out = append(out, piece{p.name, rest[:n]})
			rest = rest[n:]
		}
		out = append(out, piece{p.name, rest})
	}
	t.pieces, t.size = nil, 0
	return out
}

// merge makes one piece of each stream.
func (t *text) merge() {
	var all []*part
	byName := map[string]*part{}
	for _, p := range t.pieces {
		if byName[p.name] == nil {
			byName[p.name] = &part{name: p.name}
			all = append(all, byName[p.name])
		}
		byName[p.name].text.WriteString(p.text.String())
	}
	t.pieces = all
}

// maxSpill is the most bytes of a cell's text in a file: a loop that prints does
// not fill the disk.
const maxSpill = 256 << 20

// spill lets so much of a cell's text pass and writes the rest to a file.
type spill struct {
	limit   int // bytes that still pass
	dir     string
	path    string // of the file; empty if there is none
	file    *os.File
	written int64
	lost    int64
}

// take returns the part of a text that is shown, and a line about the rest when
// that begins.
func (s *spill) take(text string) (keep, notice string) {
	if len(text) <= s.limit {
		s.limit -= len(text)
		return text, ""
	}
	n := s.limit - cut(text[:s.limit])
	keep, text = text[:n], text[n:]
	if s.path == "" && s.lost == 0 {
		notice = s.create(text)
	}
	s.limit = 0
	if s.written+int64(len(text)) > maxSpill || !s.write(text) {
		s.lost += int64(len(text))
	}
	return keep, notice
}

// create makes the file and the line that tells of it.
func (s *spill) create(first string) string {
	f, err := os.CreateTemp(s.dir, "govidur-output-*.txt")
	if err != nil {
		return fmt.Sprintf("\n[the rest of the output is left out: %v]\n", err)
	}
	s.path, s.file = f.Name(), f
	return fmt.Sprintf("\n[the rest of the output goes to %s]\n", s.path)
}

// write appends to the file, which is closed between a cell and what it left
// behind.
func (s *spill) write(text string) bool {
	if s.path == "" {
		return false
	}
	if s.file == nil {
		f, err := os.OpenFile(s.path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return false
		}
		s.file = f
	}
	n, err := s.file.WriteString(text)
	s.written += int64(n)
	return err == nil
}

// finish closes the file and returns a line about it.
func (s *spill) finish() string {
	if s.file != nil {
		s.file.Close()
		s.file = nil
	}
	switch {
	case s.lost > 0:
		return fmt.Sprintf("[%d bytes more, and %d that are lost]\n", s.written, s.lost)
	case s.written > 0:
		return fmt.Sprintf("[%d bytes more]\n", s.written)
	}
	return ""
}
