// Package relay carries what a program displays to the process that has started it
// for a cell. Who displays waits until that is shown, so that what is printed
// afterwards comes after it.
package relay

import (
	"encoding/gob"
	"encoding/json"
	"io"
	"os"
	"sync"
)

// variable of the environment says that a program has the pipes.
const variable = "VIDUR_DISPLAY"

// The pipes, in the program: the first files after the standard streams.
const (
	displaysFD = 3
	answersFD  = 4
)

// Display is a value in several forms.
type Display struct {
	Data   map[string]any // by MIME type: string, []byte or json.RawMessage
	ID     string         // by which a later one takes its place; may be empty
	Update bool
}

func init() {
	gob.Register(json.RawMessage(nil))
	if os.Getenv(variable) != "" {
		os.Unsetenv(variable) // the pipes are not for programs that this one starts
		to.enc = gob.NewEncoder(os.NewFile(displaysFD, "displays"))
		to.answers = os.NewFile(answersFD, "answers")
	}
}

// to is the process that this one was started by, if it shows displays.
var to struct {
	sync.Mutex
	enc     *gob.Encoder // nil if it does not
	answers *os.File
}

// Connected reports whether the process that has started this one shows displays.
func Connected() bool {
	to.Lock()
	defer to.Unlock()
	return to.enc != nil
}

// Show gives a display to the process that has started this one, and reports
// whether that shows it.
func Show(d Display) bool {
	to.Lock()
	defer to.Unlock()
	if to.enc == nil {
		return false
	}
	if to.enc.Encode(d) == nil {
		if _, err := to.answers.Read(make([]byte, 1)); err == nil {
			return true
		}
	}
	to.enc = nil // it is gone
	return false
}

// Relay shows the displays of one program.
type Relay struct {
	theirs, ours []*os.File
	done         chan struct{}
}

// Listen makes a Relay, which calls show on a goroutine of its own.
func Listen(show func(Display)) (*Relay, error) {
	displays, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	out, answers, err := os.Pipe()
	if err != nil {
		displays.Close()
		in.Close()
		return nil, err
	}
	r := &Relay{theirs: []*os.File{in, out}, ours: []*os.File{displays, answers}, done: make(chan struct{})}
	go r.follow(displays, answers, show)
	return r, nil
}

// Files are the ExtraFiles of the program's exec.Cmd, of which they must be the
// first, and Variable is one of its Env.
func (r *Relay) Files() []*os.File { return r.theirs }

// Variable is what must be in the environment of the program.
func (r *Relay) Variable() string { return variable + "=1" }

// Started must be called when the program has the files, or will never have them.
func (r *Relay) Started() {
	for _, f := range r.theirs {
		f.Close()
	}
}

// Close ends the Relay when the program has ended.
func (r *Relay) Close() {
	for _, f := range r.ours {
		f.Close()
	}
	<-r.done
}

func (r *Relay) follow(displays io.Reader, answers io.Writer, show func(Display)) {
	defer close(r.done)
	dec := gob.NewDecoder(displays)
	for {
		var d Display
		if dec.Decode(&d) != nil {
			return
		}
		show(d)
		if _, err := answers.Write([]byte{0}); err != nil {
			return
		}
	}
}
