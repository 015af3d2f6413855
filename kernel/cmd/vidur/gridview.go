package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/govidur/govidur/vidur/search"
)

// gridView shows how far a grid is: on a terminal a line that changes, elsewhere a
// line now and then.
type gridView struct {
	w        io.Writer
	terminal bool
	quiet    bool
	begun    time.Time
	drawn    time.Time
	done     int
	total    int
	errors   int
	best     string // of a search: the point with the largest capacity per dollar, or capacity
	goal     float64
	priced   bool // goal is per dollar
}

// lineEvery is how long a plain view waits between two lines.
const lineEvery = 10 * time.Second

func newGridView(w io.Writer, quiet bool) *gridView {
	f, ok := w.(*os.File)
	now := time.Now()
	return &gridView{w: w, quiet: quiet, terminal: ok && term.IsTerminal(int(f.Fd())), begun: now, drawn: now}
}

// row takes a point in that is done.
func (v *gridView) row(done, total int, row *search.Row) {
	v.done, v.total = done, total
	if row.Err != nil {
		v.errors++
	} else if len(row.Probes) > 0 {
		v.look(row)
	}
	every := lineEvery
	if v.terminal {
		every = barEvery
	}
	if now := time.Now(); !v.quiet && now.Sub(v.drawn) >= every {
		v.drawn = now
		v.draw()
	}
}

// Places of the figures of a search.
const (
	capacityAt = 0
	overAt     = 1
	perUSDAt   = 8
)

// look keeps the best point of a search.
func (v *gridView) look(row *search.Row) {
	if over := row.Figures[overAt]; over != over { // nothing bounds it
		return
	}
	goal, unit, priced := row.Figures[perUSDAt], "requests/s per $/hour", true
	if math.IsNaN(goal) {
		goal, unit, priced = row.Figures[capacityAt], "requests/s", false
	}
	if v.best == "" || priced == v.priced && goal > v.goal {
		v.goal, v.priced = goal, priced
		v.best = fmt.Sprintf("best %.3g %s: %v", goal, unit, row.Point)
	}
}

// text is the view in a line.
func (v *gridView) text() string {
	took := v.drawn.Sub(v.begun)
	rate := float64(v.done) / max(took.Seconds(), 1e-9)
	left := time.Duration(float64(took) / float64(max(v.done, 1)) * float64(v.total-v.done))
	text := fmt.Sprintf("%d of %d, %.3g/s, %v left", v.done, v.total, rate, left.Round(time.Second))
	if v.errors > 0 {
		text += fmt.Sprintf(", %d cannot run", v.errors)
	}
	if v.best != "" {
		text += "; " + v.best
	}
	return text
}

func (v *gridView) draw() {
	text := v.text()
	if !v.terminal {
		fmt.Fprintln(v.w, text)
		return
	}
	columns := (&progress{w: v.w}).columns()
	line := []rune(text)
	if width := min(barWidth, columns-len(line)-4); width > 0 {
		full := width * v.done / max(v.total, 1)
		line = append([]rune("["+strings.Repeat("=", full)+strings.Repeat(" ", width-full)+"] "), line...)
	}
	fmt.Fprint(v.w, clearLine, string(line[:min(len(line), max(columns-1, 0))]))
}

// end takes the line away.
func (v *gridView) end() {
	if v.terminal && !v.quiet {
		fmt.Fprint(v.w, clearLine)
	}
}
