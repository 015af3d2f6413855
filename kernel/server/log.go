package server

import (
	"sync"
	"time"
)

// A stranger who knocks again and again does not fill the log.
const (
	logLines = 50 // at most, in
	logEvery = 10 * time.Second
)

// sparing passes lines of a log on unless there are too many, and then says how
// many it left out.
type sparing struct {
	log func(format string, args ...any)

	mu      sync.Mutex
	since   time.Time // when the present lines began
	lines   int
	leftOut int
}

// line writes a line of the log, or leaves it out.
func (l *sparing) line(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); now.Sub(l.since) >= logEvery {
		if l.leftOut > 0 {
			l.log("%d lines were left out here", l.leftOut)
		}
		l.since, l.lines, l.leftOut = now, 0, 0
	}
	if l.lines++; l.lines > logLines {
		l.leftOut++
		return
	}
	l.log(format, args...)
}
