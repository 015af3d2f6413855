package notebook

import (
	"cmp"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/govidur/govidur/kernel/server"
	"github.com/govidur/govidur/kernel/wire"
)

// textLimit is how many bytes of a stream a cell stores, as many as the kernel
// sends to front ends.
const textLimit = 2 << 20

// board is where the cells of a run show what they show. It stores that as front
// ends do.
type board struct {
	mu    sync.Mutex
	shown map[string][]Output // displays by their identity, of all cells
}

// recorder is the server.Output of a cell. It stays valid when the cell is over:
// then it takes updates only, and what a goroutine that was left behind prints is
// not stored.
type recorder struct {
	board   *board
	cell    *Cell
	streams [2]stream // what was printed since the last display: stdout, stderr
	clear   bool      // before the next output
	ended   bool
}

var _ server.Output = (*recorder)(nil)

// streamNames are the names of the streams in the order in which they are stored.
var streamNames = [2]string{"stdout", "stderr"}

// stream is text of one stream.
type stream struct {
	text    strings.Builder
	stored  int // bytes, of all the cell's text
	left    int // bytes that are left out
	pending string
}

// add adds text up to the limit. The beginning of a character waits for its end.
func (s *stream) add(text string) {
	text = s.pending + text
	whole := len(text) - partial(text)
	text, s.pending = text[:whole], text[whole:]
	if room := textLimit - s.stored; len(text) > room {
		for room > 0 && !utf8.RuneStart(text[room]) {
			room--
		}
		s.left += len(text) - room
		text = text[:room]
	}
	s.stored += len(text)
	s.text.WriteString(text)
}

// partial is how many bytes at the end are the beginning of a character.
func partial(s string) int {
	for n := 1; n < utf8.UTFMax && n <= len(s); n++ {
		if utf8.RuneStart(s[len(s)-n]) {
			if utf8.FullRuneInString(s[len(s)-n:]) {
				return 0
			}
			return n
		}
	}
	return 0
}

// take removes the text.
func (s *stream) take() string {
	text := strings.ToValidUTF8(s.text.String(), "\uFFFD")
	s.text.Reset()
	return text
}

// end is the rest of the text.
func (s *stream) end() {
	s.text.WriteString(s.pending)
	s.pending = ""
	if s.left > 0 {
		fmt.Fprintf(&s.text, "\n[%d bytes more are left out]\n", s.left)
	}
}

// Stream implements server.Output.
func (r *recorder) Stream(name, text string) {
	r.board.mu.Lock()
	defer r.board.mu.Unlock()
	if r.ended || text == "" {
		return
	}
	i := 0
	if name == streamNames[1] {
		i = 1
	}
	r.streams[i].add(text)
}

// flush stores the text that was printed since the last display.
func (r *recorder) flush() {
	for i := range r.streams {
		if text := r.streams[i].take(); text != "" {
			r.put(Output{"output_type": "stream", "name": streamNames[i], "text": text})
		}
	}
}

// put stores an output.
func (r *recorder) put(o Output) {
	if r.clear {
		r.clear, r.cell.Outputs = false, nil
	}
	r.cell.Outputs = append(r.cell.Outputs, o)
}

// Display implements server.Output.
func (r *recorder) Display(d server.Display) {
	if d.Passing {
		return // nobody watches
	}
	r.board.mu.Lock()
	defer r.board.mu.Unlock()
	r.display("display_data", d)
}

// display stores a display, or puts it into the place of those with its identity,
// of which a front end that shows it anew keeps the old ones up to date too.
func (r *recorder) display(kind string, d server.Display) {
	data, metadata := tree(wire.Bundle(d.Data)), tree(d.Metadata)
	if metadata == nil {
		metadata = map[string]any{}
	}
	before := r.board.shown[d.ID]
	for _, o := range before {
		o["data"], o["metadata"] = data, metadata
	}
	if d.Update && len(before) > 0 || r.ended {
		return
	}
	r.flush()
	o := Output{"output_type": kind, "data": data, "metadata": metadata}
	r.put(o)
	if d.ID != "" {
		r.board.shown[d.ID] = append(r.board.shown[d.ID], o)
	}
}

// Clear implements server.Output.
func (r *recorder) Clear(wait bool) {
	r.board.mu.Lock()
	defer r.board.mu.Unlock()
	if r.ended {
		return
	}
	r.flush()
	r.clear = wait
	if !wait {
		r.cell.Outputs = nil
	}
}

// Input implements server.Output: there is nobody to ask.
func (r *recorder) Input(server.Question) (string, error) { return "", server.ErrNoInput }

// Comm implements server.Output: there are no widgets, so the cells speak to
// nobody.
func (r *recorder) Comm(server.CommMessage) {}

// finish stores how the cell ended.
func (r *recorder) finish(end server.Outcome, count int) {
	r.board.mu.Lock()
	defer r.board.mu.Unlock()
	for i := range r.streams {
		r.streams[i].end()
	}
	r.flush()
	switch {
	case end.Err != nil:
		trace := make([]any, len(end.Err.Traceback))
		for i, line := range end.Err.Traceback {
			trace[i] = strings.ToValidUTF8(line, "\uFFFD")
		}
		r.put(Output{
			"output_type": "error", "ename": cmp.Or(end.Err.Name, "error"),
			"evalue": strings.ToValidUTF8(end.Err.Value, "\uFFFD"), "traceback": trace,
		})
	case end.Result != nil:
		result := *end.Result
		result.Update = false
		r.display("execute_result", result)
		r.cell.Outputs[len(r.cell.Outputs)-1]["execution_count"] = count
	}
	r.ended = true
}
