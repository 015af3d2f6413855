package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/govidur/govidur/vidur"
)

// progress is a Recorder that draws a bar: requests that are complete of all,
// and how far simulated time is.
type progress struct {
	w         io.Writer
	begun     time.Time
	drawn     time.Time
	events    int
	total     int // requests that will come; 0 if not known
	arrived   int
	completed int
}

const (
	barWidth   = 30
	barEvery   = 100 * time.Millisecond
	clearLine  = "\r\x1b[K"
	clockEvery = 4096 // events between two looks at the clock
)

// newProgress is nil unless w is a terminal.
func newProgress(w io.Writer, total int) *progress {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	now := time.Now()
	return &progress{w: w, begun: now, drawn: now, total: total}
}

// Record counts.
func (p *progress) Record(e *vidur.Event) {
	switch e.Kind {
	case vidur.Arrived:
		p.arrived++
	case vidur.BatchEnded:
		for i := range e.Batch.Slots {
			if e.Batch.Slots[i].Request.Completed() {
				p.completed++
			}
		}
	}
	if p.events++; p.events%clockEvery != 0 {
		return
	}
	if now := time.Now(); now.Sub(p.drawn) >= barEvery {
		p.drawn = now
		p.draw(e.At)
	}
}

// draw draws what fits into a line.
func (p *progress) draw(at float64) {
	of := max(p.total, p.arrived, 1)
	text := fmt.Sprintf(" %d of %d requests, %.0f s simulated in %.0f s", p.completed, of, at, p.drawn.Sub(p.begun).Seconds())
	columns := p.columns()
	bar := ""
	if width := min(barWidth, columns-len(text)-3); width > 0 {
		full := width * p.completed / of
		bar = "[" + strings.Repeat("=", full) + strings.Repeat(" ", width-full) + "]"
	}
	line := bar + text
	fmt.Fprint(p.w, clearLine, line[:min(len(line), max(columns-1, 0))])
}

// columns is the width of the terminal.
func (p *progress) columns() int {
	if f, ok := p.w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
			return columns
		}
	}
	return 80
}

// end takes the bar away.
func (p *progress) end() {
	if p != nil {
		fmt.Fprint(p.w, clearLine)
	}
}

// SumsOnly marks it as one that needs no requests that only decode.
func (p *progress) SumsOnly() {}
