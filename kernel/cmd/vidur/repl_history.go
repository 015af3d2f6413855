package main

import (
	"os"
	"path/filepath"
	"strings"
)

// maxHistory is how many lines are remembered; the file may grow to twice as
// many before it is cut.
const maxHistory = 1000

// history is a term.History that is kept in a file. A file that cannot be read
// or written costs the memory of earlier sessions and nothing else.
type history struct {
	path  string   // empty: nothing is kept
	lines []string // oldest first
}

// openHistory reads the lines of earlier sessions.
func openHistory() *history {
	base, err := os.UserConfigDir()
	if err != nil {
		return &history{}
	}
	dir := filepath.Join(base, "vidur")
	if os.MkdirAll(dir, 0o700) != nil {
		return &history{}
	}
	return readHistory(filepath.Join(dir, "history"))
}

func readHistory(path string) *history {
	h := &history{path: path}
	text, err := os.ReadFile(path)
	if err != nil {
		return h
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			h.lines = append(h.lines, line)
		}
	}
	long := len(h.lines) > 2*maxHistory
	h.lines = h.lines[max(len(h.lines)-maxHistory, 0):]
	if long {
		_ = os.WriteFile(path, []byte(strings.Join(h.lines, "\n")+"\n"), 0o600)
	}
	return h
}

// Add appends a line unless it is blank or the same as the one before.
func (h *history) Add(line string) {
	if strings.TrimSpace(line) == "" || len(h.lines) > 0 && h.lines[len(h.lines)-1] == line {
		return
	}
	h.lines = append(h.lines, line)
	if h.path == "" {
		return
	}
	f, err := os.OpenFile(h.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	_, _ = f.WriteString(line + "\n")
	_ = f.Close()
}

// Len is the number of lines.
func (h *history) Len() int { return len(h.lines) }

// At returns the i-th line from the latest one on.
func (h *history) At(i int) string { return h.lines[len(h.lines)-1-i] }
