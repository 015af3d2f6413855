package server

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
)

// maxHistory is how many cells are remembered; older ones stay in the file only.
const maxHistory = 10000

// entry is a cell that was run.
type entry struct {
	Session int     `json:"session"`
	Line    int     `json:"line"` // its execution count
	Input   string  `json:"input"`
	Output  *string `json:"output,omitempty"` // its result in text; nil if it had none
}

// history is what was run, oldest first. It is the shell's goroutine's.
type history struct {
	session int // the present one
	entries []entry
	file    *os.File // nil if there is none
}

// openHistory reads the cells of earlier sessions from a file, a JSON object in
// each line. The last line may be cut off, by a crash; whatever is no entry is
// left out. Without a path there is no file, nor with one that cannot be opened, of
// which the error tells.
func openHistory(path string) (*history, error) {
	h := &history{session: 1}
	if path == "" {
		return h, nil
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return h, fmt.Errorf("history ends with this process: %w", err)
	}
	h.file = f
	lines := bufio.NewReader(f)
	for {
		line, err := lines.ReadBytes('\n')
		var e entry
		if json.Unmarshal(line, &e) == nil && e.Session > 0 && e.Line > 0 {
			h.put(e)
			h.session = max(h.session, e.Session+1)
		}
		if err != nil {
			if len(line) > 0 {
				f.WriteString("\n") // what follows begins a line
			}
			return h, nil
		}
	}
}

func (h *history) put(e entry) {
	if len(h.entries) == maxHistory {
		h.entries = append(h.entries[:0], h.entries[maxHistory/10:]...)
	}
	h.entries = append(h.entries, e)
}

func (h *history) close() {
	if h.file != nil {
		h.file.Close()
	}
}

// remember adds a cell to history.
func (s *Server) remember(code string, o Outcome) {
	e := entry{Session: s.history.session, Line: s.count, Input: code}
	if o.Result != nil {
		if text, ok := o.Result.Data["text/plain"].(string); ok {
			e.Output = &text
		}
	}
	s.history.put(e)
	if s.history.file == nil {
		return
	}
	line, err := json.Marshal(e)
	if err == nil {
		_, err = s.history.file.Write(append(line, '\n'))
	}
	if err != nil {
		s.opt.Log("history: %v", err)
	}
}

// historyRequest is the content of a history_request.
type historyRequest struct {
	Output  bool
	Access  string `json:"hist_access_type"` // range, tail or search
	Session int    // of a range: its number, or 0 for the present one, -1 for the one before
	Start   int    // of a range: the first line
	Stop    *int   // and the one after the last; nil for all
	N       *int   // of tail and search: how many; nil for all
	Pattern string // of search: with * and ?
	Unique  bool   // of search: each input once
}

// pastCells lists cells that were run: session, line, input, and output if that is
// asked for.
func (s *Server) pastCells(_ context.Context, r *request) any {
	var c historyRequest
	if err := r.decode(&c); err != nil {
		return malformed(err)
	}
	found := [][]any{}
	for _, e := range s.history.find(&c) {
		var what any = e.Input
		if c.Output {
			what = []any{e.Input, e.Output}
		}
		found = append(found, []any{e.Session, e.Line, what})
	}
	return object{"status": "ok", "history": found}
}

// find lists the entries that a request asks for, oldest first.
func (h *history) find(c *historyRequest) (found []entry) {
	switch c.Access {
	case "range":
		session := c.Session
		if session <= 0 {
			session += h.session
		}
		for _, e := range h.entries {
			if e.Session == session && e.Line >= c.Start && (c.Stop == nil || e.Line < *c.Stop) {
				found = append(found, e)
			}
		}
		return found
	case "search":
		found = h.search(c.Pattern, c.Unique)
	default:
		found = h.entries
	}
	if c.N != nil && len(found) > *c.N {
		found = found[len(found)-max(*c.N, 0):]
	}
	return found
}

// search lists the entries whose input is like a pattern; of equal inputs the
// last one, if they are to be unique.
func (h *history) search(pattern string, unique bool) (found []entry) {
	last := map[string]int{}
	for i, e := range h.entries {
		last[e.Input] = i
	}
	for i, e := range h.entries {
		if (!unique || last[e.Input] == i) && matches([]rune(pattern), []rune(e.Input)) {
			found = append(found, e)
		}
	}
	return found
}

// matches says whether a pattern matches a whole text: * stands for any text, ?
// for one character. Only the last star is ever tried again, so the time is at
// most the product of the lengths.
func matches(pattern, text []rune) bool {
	p, t, star, from := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
