package server

import (
	"context"
	"errors"
)

// Runner runs the code of cells. Execute, Complete, Inspect and Status are called
// one at a time; Interrupt and Close come from other goroutines, also in the
// middle of a call.
type Runner interface {
	// Execute runs a cell, or an expression if cell.Expression is set, and returns
	// when it is over and all it printed has been given to out. The context ends
	// when the user interrupts or the kernel shuts down; Execute then returns soon,
	// with an Outcome that says so.
	//
	// An out stays valid: what goroutines that a cell left behind print goes to the
	// Output of the cell that ran last.
	Execute(ctx context.Context, cell Cell, out Output) Outcome

	// Complete lists what can stand at a byte of code, 0 to len(code).
	Complete(ctx context.Context, code string, offset int) Completion

	// Inspect describes what is at a byte of code. Detail 1 asks for its source
	// too. A description without Data means that nothing is known.
	Inspect(ctx context.Context, code string, offset, detail int) Description

	// Status says whether code can be run as it stands, and how the next line is
	// indented if it is Incomplete.
	Status(code string) (Status, string)

	// Interrupt ends what earlier cells left running. It is called at every
	// interrupt, also while no cell runs; the context of a cell that runs has
	// ended before.
	Interrupt()

	// Close ends everything. It is called once, when the kernel shuts down; a cell
	// may still run that ignored its context.
	Close() error
}

// CommRunner is a Runner with comms: channels between cells and widgets of the
// front end, of the Runner's own making. With any other Runner every comm that
// a front end opens is closed at once.
type CommRunner interface {
	Runner

	// Comm takes a message of the front end. An error closes the comm and goes to
	// the kernel's log. It is called as Execute is, never in the middle of a cell.
	Comm(ctx context.Context, m CommMessage, out Output) error
}

// ProcessRunner is a Runner that runs code in a process of its own, whose memory
// and time are added to those of the kernel.
type ProcessRunner interface {
	Runner

	// PID is the number of the process, or 0 if there is none at the moment.
	PID() int
}

// Cell is code to run.
type Cell struct {
	Code       string
	Name       string // shown in positions of errors: In[3]
	Count      int    // the execution count, from 1
	ID         string // the front end's name of the cell, the same when it is run again; may be empty
	Silent     bool   // nothing that it shows is wanted
	Expression bool   // one expression, of which the result is wanted
	AllowStdin bool   // Output.Input can be answered
}

// Output is where a cell shows what it has to show, in order. It may be used from
// any goroutine.
type Output interface {
	// Stream shows text of "stdout" or "stderr". Any piece of UTF-8 will do: pieces
	// are put together again. It may wait for slow clients, a few seconds at most.
	Stream(name, text string)

	// Display shows a value.
	Display(d Display)

	// Clear removes what the cell has shown; with wait, when it next shows something.
	Clear(wait bool)

	// Input asks the user for a line. The error is ErrNoInput if nobody can be asked,
	// or the context's if the cell is interrupted.
	Input(q Question) (string, error)

	// Comm sends a message to the front end.
	Comm(m CommMessage)
}

// Question is what the user is asked.
type Question struct {
	Prompt   string
	Password bool // there is no echo

	// Printed says that the cell has printed the prompt, as the end of its text so
	// far. It is shown once: with the question if the text has not been sent, else only
	// there.
	Printed bool
}

// ErrNoInput says that the front end does not take questions, or is gone.
var ErrNoInput = errors.New("the front end does not allow input")

// Bundle is a value in several forms, by MIME type: a string for text, []byte for
// other data, json.RawMessage or anything encoding/json takes for JSON. NaN and
// infinities in it become null. text/plain should always be there.
type Bundle = map[string]any

// Display is a value to show.
type Display struct {
	Data     Bundle
	Metadata map[string]any // by MIME type; may be nil
	ID       string         // for later updates; may be empty
	Update   bool           // takes the place of every display with this ID

	// Passing is for what is to be seen while a cell runs and leaves nothing behind,
	// as a bar of progress. It has an ID, is an Update, and has no Data when it goes.
	// It is not shown to front ends that take no questions: nobody watches there, and
	// what is shown is stored.
	Passing bool
}

// Outcome is how a cell ended.
type Outcome struct {
	Result  *Display         // of its last expression; nil if it has none
	Err     *Failure         // nil if all went well
	Payload []map[string]any // for the front end: {"source": "set_next_input", ...} or "page"; may be nil
}

// Failure is an error of a cell as front ends show it.
type Failure struct {
	Name      string   // its kind, in a word: "panic"
	Value     string   // its message, in a line
	Traceback []string // its lines, with colours as ANSI sequences; may be nil
}

// Completion is what can stand at a place of code.
type Completion struct {
	Start, End int // bytes of the code that a candidate replaces
	Candidates []Candidate
}

// Candidate is one way to go on.
type Candidate struct {
	Text string
	Kind string // function, method, field, type, constant, variable, package, keyword
	Type string // its type or signature; may be empty
}

// Description is what is known of a name.
type Description struct {
	Data     Bundle
	Metadata map[string]any
}

// Status says whether code can be run as it stands.
type Status string

// The states of code that is being typed.
const (
	Complete   Status = "complete"
	Incomplete Status = "incomplete" // more lines must follow
	Invalid    Status = "invalid"    // no further line can make it right
	Unknown    Status = "unknown"
)

// CommKind is what a message does to its comm.
type CommKind string

// The kinds of messages of comms, in Jupyter's words.
const (
	CommOpen  CommKind = "comm_open"
	CommMsg   CommKind = "comm_msg"
	CommClose CommKind = "comm_close"
)

// CommMessage is a message of a comm, in either direction.
type CommMessage struct {
	Kind     CommKind
	ID       string
	Target   string         // of CommOpen: who is to be connected
	Data     map[string]any // what JSON is made of
	Metadata map[string]any // may be nil
	Buffers  [][]byte       // may be nil
}
