package worker

import (
	"encoding/gob"
	"encoding/json"
	"io"
	"sync"

	"github.com/govidur/govidur/kernel/server"
)

// verb is what a request asks for.
type verb string

const (
	execute   verb = "execute"
	complete  verb = "complete"
	inspect   verb = "inspect"
	restore   verb = "restore"   // declare what another process had declared
	comm      verb = "comm"      // a message of a comm
	displayed verb = "displayed" // the display that came last is shown; has no reply
	answer    verb = "answer"    // what the user has typed; has no reply
	interrupt verb = "interrupt" // end the request with this ID, or what it left running; has no reply
)

// request goes from the front to the process.
type request struct {
	ID             int // from 1
	Verb           verb
	Name, Code     string
	Expression     bool
	Offset, Detail int
	Saved          []byte
	Cell           string // what a cell has in common with its earlier runs; empty if it has no displays
	Comm           *packet
	Line           string // an answer, or why there is none, or what was captured
	Refused        bool   // there is none
	Ended          bool   // because the cell is interrupted
}

// question is what a cell asks the user.
type question struct {
	Prompt string
	Secret bool
	Direct bool // by a call; else it reads standard input, and the prompt is what it has printed
}

// capture begins or ends to keep what is printed.
type capture struct {
	On   bool
	Into string // the display in which it will be shown; empty in a cell
}

// clearing says when what has been shown goes away; empty means never.
type clearing string

const (
	clearNow  clearing = "now"
	clearNext clearing = "next" // when something is shown
)

// reply goes from the process to the front: the end of a request or, while cells
// run, something that is displayed or asked.
type reply struct {
	ID      int             // of the request that ends; else 0
	Display *server.Display // these four are answered with displayed
	Comm    *packet
	Capture *capture
	Clear   clearing
	Asks    *question // is answered with answer

	Notes       []string         // what else was compiled again, what could not be restored
	Values      []server.Display // of the last expression, before the result
	Outcome     server.Outcome
	Saved       []byte // a cells.Saved as JSON; nil if it is as before
	Reset       bool   // the cell asks for a new process in which nothing is declared
	Rest        string // what of the cell is to be run there
	Restart     bool   // something did not end and goes on: the process is to be replaced
	Problem     string // why a message of a comm is refused; empty if it is not
	Completion  server.Completion
	Description server.Description
}

func init() {
	gob.Register(json.RawMessage(nil)) // in bundles, beside string and []byte
}

// sender sends messages, from any goroutine.
type sender struct {
	mu  sync.Mutex
	enc *gob.Encoder
}

func newSender(w io.Writer) *sender { return &sender{enc: gob.NewEncoder(w)} }

func (s *sender) send(message any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.enc.Encode(message)
}
