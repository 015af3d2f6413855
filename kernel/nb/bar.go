package nb

import (
	"fmt"
	"html"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// ProgressState is how far something is.
type ProgressState struct {
	ID          int // tells bars apart
	Label       string
	Done, Total int           // Total is 0 if it is not known
	Since       time.Duration // its beginning
	Ended       bool          // the bar goes away
}

const (
	barWidth  = 30
	clearLine = "\r\x1b[K"
)

// Bundle is the state as text and, with the bar of the browser, as HTML; both
// are empty when it has ended. Updates of one display show it in a notebook.
func (s ProgressState) Bundle() Bundle {
	if s.Ended {
		return Bundle{typeText: "", typeHTML: ""}
	}
	value := ""
	if s.Total > 0 {
		value = fmt.Sprintf(` value="%d" max="%d"`, min(max(s.Done, 0), s.Total), s.Total)
	}
	page := fmt.Sprintf("%s <progress%s style=\"vertical-align:middle\"></progress> %s", html.EscapeString(s.label()), value, s.counts())
	return Bundle{typeText: s.line(120), typeHTML: strings.TrimSpace(page)}
}

// live are the bars that a terminal shows, in one line, so that what is printed
// meanwhile disturbs them for one drawing only.
var live struct {
	sync.Mutex
	bars []ProgressState
}

// draw shows the state where there is something to show it on.
func (s ProgressState) draw() {
	h, _ := host()
	if h.Progress != nil {
		h.Progress(s)
		return
	}
	f, ok := h.stderr().(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		width = 80
	}
	live.Lock()
	defer live.Unlock()
	i := slices.IndexFunc(live.bars, func(b ProgressState) bool { return b.ID == s.ID })
	switch {
	case s.Ended && i >= 0:
		live.bars = slices.Delete(live.bars, i, i+1)
	case i >= 0:
		live.bars[i] = s
	case !s.Ended:
		live.bars = append(live.bars, s)
	}
	fmt.Fprint(f, clearLine+together(live.bars, width-1))
}

// together are bars beside each other in at most width characters.
func together(bars []ProgressState, width int) string {
	const between = "  "
	var lines []string
	for _, b := range bars {
		lines = append(lines, b.line((width+len(between))/len(bars)-len(between)))
	}
	return strings.Join(lines, between)
}

// line is the bar in at most width characters.
func (s ProgressState) line(width int) string {
	label, text := s.label(), s.counts()
	if label != "" {
		label += " "
	}
	bar := ""
	if room := min(barWidth, width-len([]rune(label))-len([]rune(text))-3); s.Total > 0 && room > 0 {
		full := int(float64(min(max(s.Done, 0), s.Total)) / float64(s.Total) * float64(room))
		bar = "[" + strings.Repeat("=", full) + strings.Repeat(" ", room-full) + "] "
	}
	line := []rune(label + bar + text)
	return string(line[:min(len(line), max(width, 0))])
}

// label is the label without what moves the cursor.
func (s ProgressState) label() string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if c < ' ' || c >= 0x7f && c < 0xa0 {
			return ' '
		}
		return c
	}, s.Label))
}

// counts is how much is done, for how long or how fast, and how long the rest
// will take if it goes on so.
func (s ProgressState) counts() string {
	text := fmt.Sprintf("%d", s.Done)
	if s.Total > 0 {
		text = fmt.Sprintf("%d of %d", s.Done, s.Total)
	}
	seconds := s.Since.Seconds()
	if s.Done <= 0 || seconds < 1 {
		return fmt.Sprintf("%s, %.0f s", text, seconds)
	}
	if rate := float64(s.Done) / seconds; rate >= 1 {
		text += fmt.Sprintf(", %.0f s, %.3g/s", seconds, rate)
	} else {
		text += fmt.Sprintf(", %.0f s, %.3g s each", seconds, 1/rate)
	}
	if s.Total > s.Done {
		left := seconds * (float64(s.Total) - float64(s.Done)) / float64(s.Done)
		text += ", " + roughly(left) + " left"
	}
	return text
}

// roughly is a number of seconds as people say it.
func roughly(seconds float64) string {
	switch {
	case seconds < 99.5:
		return fmt.Sprintf("%.0f s", seconds)
	case seconds < 5970: // 99.5 min
		return fmt.Sprintf("%.0f min", seconds/60)
	}
	return fmt.Sprintf("%.0f h", seconds/3600)
}
