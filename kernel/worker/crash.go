package worker

import (
	"slices"
	"strings"
	"time"
)

// trap stands in standard error. What looks like the last words of a Go program is
// held back until it is clear whether it is: they become the error of the cell.
// Its owner locks it.
type trap struct {
	pass  func(text string)
	later func() // calls giveUp soon, under the lock
	held  strings.Builder
	timer *time.Timer
	open  bool   // in the middle of a line
	said  string // what giveUp passed on, while the process shows nothing else
}

const (
	trapFor  = time.Second // after the latest text
	trapSize = 1 << 20     // what comes then is left out
)

// lastWords begin the messages of the Go runtime when it ends a process.
var lastWords = []string{"fatal error: ", "panic: ", "runtime: ", "unexpected fault address ", "SIG"}

// take passes text on, or holds it back.
func (t *trap) take(text string) {
	if t.held.Len() == 0 {
		i := t.begins(text)
		if i > 0 {
			t.pass(text[:i])
			t.open = text[i-1] != '\n'
		}
		if text = text[i:]; text == "" {
			return
		}
	}
	if t.held.Len() < trapSize {
		t.held.WriteString(text)
	}
	if t.timer == nil {
		t.timer = time.AfterFunc(trapFor, t.later)
	} else {
		t.timer.Reset(trapFor)
	}
}

// begins is where the first line begins that may be last words; the length of the
// text if there is none.
func (t *trap) begins(text string) int {
	for i := 0; i < len(text); {
		if i > 0 || !t.open {
			if slices.ContainsFunc(lastWords, func(w string) bool { return strings.HasPrefix(text[i:], w) }) {
				return i
			}
		}
		end := strings.IndexByte(text[i:], '\n')
		if end < 0 {
			break
		}
		i += end + 1
	}
	return len(text)
}

// release passes on what was held: the process goes on.
func (t *trap) release() {
	t.giveUp()
	t.said = ""
}

// giveUp passes on what was held: the process seems to go on. One that has much
// memory to give back may take longer to end, on a busy machine.
func (t *trap) giveUp() {
	if text := t.end(); text != "" {
		t.pass(text)
		t.open = !strings.HasSuffix(text, "\n")
		t.said = text
	}
}

// crashStatus is the exit status of a process that the Go runtime ends
// (runtime.fatalpanic and runtime.throw).
const crashStatus = 2

// last are the last words of a process that has ended with a status.
func (t *trap) last(status int) string {
	text := t.end()
	if text == "" && status == crashStatus {
		return t.said
	}
	return text
}

// end is what is held when the process has ended.
func (t *trap) end() string {
	text := t.held.String()
	t.held.Reset()
	if t.timer != nil {
		t.timer.Stop()
	}
	return text
}

const (
	traceHead   = 4 // lines
	traceFrames = 5
)

// inner are the packages whose frames say nothing to users, by prefix.
var inner = []string{
	"runtime.", "runtime/", "internal/", "reflect.", "sync.", "sync/", "panic(", "main.", "created by ", "testing.",
	"github.com/traefik/yaegi/", "github.com/govidur/govidur/kernel/",
}

// usefulTrace cuts the last words of a Go program, or a stack, to the message and
// the frames of the first goroutine that say something to users: those of the
// simulator and of libraries.
func usefulTrace(trace string) (out []string) {
	head, rest, _ := strings.Cut("\n"+trace, "\ngoroutine ")
	head, _, _ = strings.Cut(head, "\nruntime stack:")
	for line := range strings.Lines(head) {
		if line = strings.TrimSpace(line); line != "" && len(out) < traceHead {
			out = append(out, line)
		}
	}
	first, _, _ := strings.Cut(rest, "\n\n")
	return append(out, frames(strings.Split(first, "\n"))...)
}

// frames lists the frames of a stack that say something, a line each.
func frames(stack []string) (out []string) {
	for i := 0; i+1 < len(stack) && len(out) < traceFrames; i++ {
		name, place := stack[i], stack[i+1]
		if !strings.HasPrefix(place, "\t") || slices.ContainsFunc(inner, func(p string) bool { return strings.HasPrefix(name, p) }) {
			continue
		}
		if paren := strings.LastIndexByte(name, '('); paren > 0 {
			name = name[:paren]
		}
		place, _, _ = strings.Cut(strings.TrimSpace(place), " +0x")
		out = append(out, dim+"    "+name+" "+place[strings.LastIndexByte(place, '/')+1:]+plain)
	}
	return out
}
