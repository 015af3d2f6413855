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
	if name == "stdout" {
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
func (w *Worker) ask() (string, error) {
	w.mu.Lock()
	out, prompt := w.out, strings.ToValidUTF8(w.line, "")
	w.line = ""
	w.mu.Unlock()
	line, err := out.Input(prompt, false)
	switch {
	case errors.Is(err, server.ErrNoInput):
		say(out, []string{"standard input: " + err.Error()})
	case err != nil:
		w.Interrupt() // before the cell reads the end of the file
	}
	return line, err
}

func (w *Worker) current() server.Output {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out
}
