package worker

import (
	"errors"
	"strings"

	"github.com/govidur/govidur/kernel/server"
)

// maxPrompt is how many bytes of a line are a question.
const maxPrompt = 1000

// stream implements viewer.
func (w *Worker) stream(name, text string) {
	w.mu.Lock()
	out := w.out
	if w.kept != nil {
		w.kept.take(text)
		out = nil
	} else if name == "stdout" {
		w.line += text
		w.line = w.line[max(strings.LastIndexByte(w.line, '\n')+1, len(w.line)-maxPrompt):]
	}
	w.mu.Unlock()
	if out != nil {
		out.Stream(name, text)
	}
}

// display implements viewer.
func (w *Worker) display(d server.Display) {
	if out := w.current(); out != nil {
		out.Display(d)
	}
}

// ask implements viewer. The question is what the cell has printed in the line. A
// cell that cannot ask reads the end of the file, and says why.
func (w *Worker) ask(q *question) (string, error) {
	w.mu.Lock()
	out, prompt := w.out, strings.ToValidUTF8(w.line, "")
	w.line = ""
	w.mu.Unlock()
	if q.Direct {
		prompt = q.Prompt
	}
	line, err := out.Input(server.Question{Prompt: prompt, Password: q.Secret, Printed: !q.Direct})
	switch noInput := errors.Is(err, server.ErrNoInput); {
	case err != nil && !noInput:
		w.Interrupt() // before the cell hears of it
	case noInput && !q.Direct:
		say(out, []string{"standard input: " + err.Error()})
	}
	return line, err
}

func (w *Worker) current() server.Output {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out
}

// captured is text that is kept for a display.
type captured struct {
	strings.Builder
	into string // the display; empty in a cell
	cut  bool   // there was too much
}

// maxCaptured is how many bytes of text a display takes.
const maxCaptured = 1 << 20

func (c *captured) take(text string) {
	if room := maxCaptured - c.Len(); len(text) > room {
		text, c.cut = strings.ToValidUTF8(text[:max(room, 0)], ""), true
	}
	c.WriteString(text)
}

// String is the text, and whether it is all.
func (c *captured) String() string {
	if c.cut {
		return c.Builder.String() + "\n(the rest is left out)\n"
	}
	return c.Builder.String()
}

// capture implements viewer.
func (w *Worker) capture(c *capture) (text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.kept != nil {
		text = w.kept.String()
	}
	w.kept = nil
	if c.On {
		w.kept = &captured{into: c.Into}
	}
	return text
}

// clear implements viewer. Of a display only the text that is kept for it goes.
func (w *Worker) clear(wait bool) {
	w.mu.Lock()
	kept, out := w.kept, w.out
	if kept != nil {
		kept.Reset()
	}
	w.mu.Unlock()
	if kept == nil && out != nil {
		out.Clear(wait)
	}
}

// into is the display for which text is kept; empty if none is.
func (w *Worker) into() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.kept == nil {
		return ""
	}
	return w.kept.into
}

// release shows text that was kept for a display that did not come.
func (w *Worker) release() {
	w.mu.Lock()
	kept, out := w.kept, w.out
	w.kept = nil
	w.mu.Unlock()
	if kept != nil && kept.Len() > 0 && out != nil {
		out.Stream("stdout", kept.String())
	}
}
