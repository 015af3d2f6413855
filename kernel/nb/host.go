package nb

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
)

// Host is how a program that runs scripts and cells takes over what this package
// otherwise does to its process. It is for hosts only: scripts have no use for
// it. A field that is nil leaves what it stands for as it is in a process of the
// script's own, except that a script never ends the process of a host.
type Host struct {
	// Context is the context of the cell or script that runs.
	Context func() context.Context

	// Display shows a bundle. With an id it can be replaced later: the first
	// call for an id has update false, the following ones true.
	Display func(b Bundle, id string, update bool)

	// Clear takes away what has been printed and shown; if wait is true when
	// something follows. Without it nothing is.
	Clear func(wait bool)

	// Fail ends the script or cell with an error, which is a *ParamError if its
	// parameters are wrong. It need not return; if it does, or is nil, the
	// goroutine panics with [Ended].
	Fail func(err error)

	// Exit ends the script or cell with a status, likewise.
	Exit func(code int)

	// Params are the parameters that are injected into a notebook, by name, in
	// the form that flags have. If it is not nil, [Params] reads them and no
	// arguments.
	Params map[string]string

	// Args are the arguments of a script without its name; nil means os.Args[1:].
	Args []string

	// Stdout and Stderr are where the script's output goes.
	Stdout, Stderr io.Writer

	// Comm sends a message of a comm to the front end, which gives its own to Take.
	// Without it, and the three fields below, [Interact] shows no controls.
	Comm func(m CommMessage)

	// Call runs f as a cell runs, for what is shown in a display. It returns how the
	// error with which f ended is shown; nil if there is none.
	Call func(display string, f func()) Bundle

	// Capture keeps what is printed from now on, if on is true, instead of showing
	// it, and returns what it has kept since it was called before.
	Capture func(on bool) (text string)

	// Input asks the user for a line, without echo if it is secret. Without it the
	// terminal does.
	Input func(prompt string, secret bool) (string, error)

	// Parameters are the variables of a notebook that its cell of parameters
	// declares, for what [SaveFigure] says of a figure.
	Parameters func() []Variable

	// Progress is told of progress bars: when one begins, at most ten times a
	// second, and when it ends. Without it they are drawn on Stderr if that is a
	// terminal.
	Progress func(s ProgressState)

	interactions interactions
}

// Variable is a variable of the cells, with its value in JSON, or in brief.
type Variable struct{ Name, Value string }

// hasWidgets reports whether the front end may have controls.
func (h *Host) hasWidgets() bool {
	return h.Comm != nil && h.Call != nil && h.Capture != nil && h.Display != nil
}

// Ended is what a goroutine panics with under a host that returned from Fail or
// Exit: the script or cell is over.
type Ended struct {
	Code int   // exit status: 0, 1 for an error, 2 for wrong parameters
	Err  error // nil if it ended without one
}

// Error says how it ended.
func (e Ended) Error() string {
	if e.Err != nil {
		return e.Err.Error()
	}
	return fmt.Sprintf("ended with status %d", e.Code)
}

// Unwrap returns the error it ended with.
func (e Ended) Unwrap() error { return e.Err }

// state is what the functions of this package share: the process has one
// script, or a host.
var state struct {
	sync.Mutex
	host     *Host
	args     []string          // left over by Params
	params   any               // what Params read into
	defaults []string          // of its fields, as they were
	injected map[string]string // by Inject; nil if it was not called
	shown    int               // identities given to displays and bars
	signals  context.Context
}

// SetHost makes h the host until restore is called, which brings back the one
// before; it is for hosts only. Parameters and arguments that an earlier script
// read are forgotten both times.
func SetHost(h *Host) (restore func()) {
	before := swapHost(h)
	var once sync.Once
	return func() { once.Do(func() { swapHost(before) }) }
}

func swapHost(h *Host) (before *Host) {
	state.Lock()
	defer state.Unlock()
	before, state.host = state.host, h
	state.args, state.params, state.defaults, state.injected = nil, nil, nil, nil
	return before
}

// host is the present host, or an empty one and false.
func host() (*Host, bool) {
	state.Lock()
	defer state.Unlock()
	if state.host == nil {
		return &Host{}, false
	}
	return state.host, true
}

func (h *Host) stdout() io.Writer {
	if h.Stdout != nil {
		return h.Stdout
	}
	return os.Stdout
}

func (h *Host) stderr() io.Writer {
	if h.Stderr != nil {
		return h.Stderr
	}
	return os.Stderr
}

// identity is a number that nothing else has that is displayed.
func identity() int {
	state.Lock()
	defer state.Unlock()
	state.shown++
	return state.shown
}
