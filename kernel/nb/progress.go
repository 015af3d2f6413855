package nb

import (
	"sync"
	"time"

	"github.com/govidur/govidur/vidur/search"
)

// Progress is a bar that shows how far something is, how fast it goes and how
// long it will take, on standard error if that is a terminal, or in a notebook;
// elsewhere it shows nothing. There may be several at a time, one within the
// steps of another, and each may be used by several goroutines. All together are
// drawn at most ten times a second, so what is over sooner may not be seen.
type Progress struct {
	mu    sync.Mutex
	state ProgressState
	begun time.Time
	drawn time.Time // the zero time: never
}

// barEvery is how often a bar is drawn at most.
const barEvery = 100 * time.Millisecond

// NewProgress shows a bar for something that has total steps; 0 if that is not
// known. A total below 0 is 0.
func NewProgress(label string, total int) *Progress {
	p := &Progress{begun: time.Now()}
	p.state = ProgressState{ID: identity(), Label: label, Total: max(total, 0)}
	p.advance(func(*ProgressState) {})
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
		if !p.drawn.IsZero() {
			p.state.draw()
		}
	}
}

// advance changes the state, and draws it if the last time is long enough ago.
func (p *Progress) advance(change func(*ProgressState)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.state)
	now := time.Now()
	if p.state.Ended || now.Sub(p.drawn) < barEvery || !draws.take(now) {
		return
	}
	p.drawn, p.state.Since = now, now.Sub(p.begun)
	p.state.draw()
}

// draws is how often bars may be drawn at the moment.
var draws = bucket{left: mostDraws}

// mostDraws is how often all bars together are drawn in a second.
const mostDraws = 10

// bucket holds at most mostDraws, and gets as many in a second.
type bucket struct {
	mu   sync.Mutex
	left float64
	at   time.Time
}

// take takes one out, and reports whether there was one.
func (b *bucket) take(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.at.IsZero() {
		b.left = min(b.left+max(now.Sub(b.at).Seconds(), 0)*mostDraws, mostDraws)
	}
	b.at = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}
