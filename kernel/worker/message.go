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
	displayed verb = "displayed" // the display that came last is shown; has no reply
	answer    verb = "answer"    // what the user has typed; has no reply
	interrupt verb = "interrupt" // end the request with this ID; has no reply
)

// request goes from the front to the process.
type request struct {
	ID             int // from 1
	Verb           verb
	Name, Code     string
	Expression     bool
	Offset, Detail int
	Saved          []byte
	Line           string // an answer
	Refused        bool   // there is none
}

// reply goes from the process to the front: the end of a request or, while cells
// run, a display or a question.
type reply struct {
	ID      int             // of the request that ends; else 0
	Display *server.Display // of a display
	Asks    bool            // a cell reads standard input

	Notes       []string         // what else was compiled again, what could not be restored
	Values      []server.Display // of the last expression, before the result
	Outcome     server.Outcome
	Saved       []byte // an eval.Saved as JSON; nil if it is as before
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
