package nb

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/govidur/govidur/vidur/search"
)

// ProgressState is how far something is.
type ProgressState struct {
	ID          int // tells bars apart
	Label       string
	Done, Total int  // Total is 0 if it is not known
	Ended       bool // the bar goes away
}

// Progress is a bar that shows how far something is, on standard error if that
// is a terminal, or in a notebook. It may be used by several goroutines.
type Progress struct {
	mu    sync.Mutex
	state ProgressState
	begun time.Time
	drawn time.Time
}

const (
	barWidth  = 30
	barEvery  = 100 * time.Millisecond
	clearLine = "\r\x1b[K"
)

// NewProgress shows a bar for something that has total steps; 0 if that is not
// known. A total below 0 is 0.
func NewProgress(label string, total int) *Progress {
	now := time.Now()
	p := &Progress{begun: now, drawn: now}
	p.state = ProgressState{ID: identity(), Label: label, Total: max(total, 0)}
	p.draw()
	return p
}

// Bar is a bar as a function that is told how many steps of how many are done.
// The bar comes with the first call and goes when all are done.
func Bar(label string) func(done, total int) {
	var p *Progress
	var mu sync.Mutex
	return func(done, total int) {
		mu.Lock()
		defer mu.Unlock()
		if p == nil {
			p = NewProgress(label, total)
		}
		p.advance(func(s *ProgressState) { s.Done, s.Total = done, max(total, 0) })
		if total > 0 && done >= total {
			p.Done()
			p = nil
		}
	}
}

// SweepBar is [Bar] in the form that search.Progress takes:
//
//	search.Sweep(nb.Context(), base, search.Progress(nb.SweepBar("sweep")), ...)
func SweepBar(label string) func(done, total int, p search.Point, err error) {
	bar := Bar(label)
	return func(done, total int, _ search.Point, _ error) { bar(done, total) }
}

// Set says how many steps are done.
func (p *Progress) Set(done int) { p.advance(func(s *ProgressState) { s.Done = done }) }

// Add says that n more steps are done.
func (p *Progress) Add(n int) { p.advance(func(s *ProgressState) { s.Done += n }) }

// Done takes the bar away. What is said of progress afterwards is not shown.
func (p *Progress) Done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.state.Ended {
		p.state.Ended = true
		p.draw()
	}
}

// advance changes the state, and draws it if the last time is long enough ago.
func (p *Progress) advance(change func(*ProgressState)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.state)
	if now := time.Now(); !p.state.Ended && now.Sub(p.drawn) >= barEvery {
		p.drawn = now
		p.draw()
	}
}

// draw shows the state.
func (p *Progress) draw() {
	h, _ := host()
	if h.Progress != nil {
		h.Progress(p.state)
		return
	}
	f, ok := h.stderr().(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil || columns <= 0 {
		columns = 80
	}
	fmt.Fprint(f, clearLine)
	if !p.state.Ended {
		fmt.Fprint(f, p.state.line(p.drawn.Sub(p.begun), columns-1))
	}
}

// line is the bar in at most width characters.
func (s ProgressState) line(since time.Duration, width int) string {
	counts := fmt.Sprintf("%d", s.Done)
	if s.Total > 0 {
		counts = fmt.Sprintf("%d of %d", s.Done, s.Total)
	}
	text := fmt.Sprintf("%s, %.0f s", counts, since.Seconds())
	label := strings.Map(func(c rune) rune {
		if c < ' ' {
			return ' '
		}
		return c
	}, s.Label)
	if label != "" {
		label += " "
	}
	bar := ""
	if room := min(barWidth, width-len([]rune(label))-len(text)-3); s.Total > 0 && room > 0 {
		full := min(max(s.Done, 0), s.Total) * room / s.Total
		bar = "[" + strings.Repeat("=", full) + strings.Repeat(" ", room-full) + "] "
	}
	line := []rune(label + bar + text)
	return string(line[:min(len(line), max(width, 0))])
}
