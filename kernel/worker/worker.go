package worker

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/govidur/govidur/kernel/eval"
	"github.com/govidur/govidur/kernel/server"
)

// Options of a Worker. The zero Options are ready.
type Options struct {
	// Command starts a process that calls [Serve]: its path and arguments. Empty
	// means this binary with the arguments "kernel worker".
	Command []string

	// Grace is how long a cell that is interrupted has to come to its end before its
	// process is ended; 0 means 5 s.
	Grace time.Duration
}

// Worker runs cells in a process of their own. It is a server.CommRunner and a
// server.ProcessRunner.
type Worker struct {
	opt   Options
	calls sync.Mutex // held by the one request that is made
	saved []byte     // a cells.Saved as JSON: what is declared; of who holds calls
	news  []string   // of a process that was started again, for the next cell

	mu     sync.Mutex
	proc   *process
	out    server.Output // of the cell that ran last; nil before the first
	line   string        // the end of stdout
	kept   *captured     // what is printed for a display; nil while it is shown at once
	comms  map[string]bool
	last   int // ID of the request that was made last
	closed bool
}

var (
	_ server.ProcessRunner = (*Worker)(nil)
	_ server.CommRunner    = (*Worker)(nil)
)

// errClosed is the error of everything after Close.
var errClosed = errors.New("worker: it is closed")

// Start starts a Worker. Close must be called to end its process.
func Start(opt Options) (*Worker, error) {
	opt.Grace = cmp.Or(opt.Grace, 5*time.Second)
	if len(opt.Command) == 0 {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("worker: %w", err)
		}
		opt.Command = []string{self, "kernel", "worker"}
	}
	w := &Worker{opt: opt}
	_, err := w.start()
	return w, err
}

// start starts a process, unless the Worker is closed.
func (w *Worker) start() (*process, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, errClosed
	}
	p, err := startProcess(w.opt.Command, w)
	if err == nil {
		w.proc = p
	}
	return p, err
}

// live is the process, or a new one with what was declared. The caller holds calls.
func (w *Worker) live(ctx context.Context) (*process, error) {
	w.mu.Lock()
	p := w.proc
	w.mu.Unlock()
	if !p.ended() {
		return p, nil
	}
	old := p
	p, err := w.start()
	if err != nil {
		return nil, err
	}
	if !old.mourned {
		old.mourned = true
		w.news = append(w.news, old.death.Error())
		w.news = append(w.news, usefulTrace(old.death.trace)...)
	}
	if w.saved == nil {
		return p, nil
	}
	lost := w.variables()
	r, err := w.call(context.WithoutCancel(ctx), p, &request{Verb: restore, Saved: w.saved})
	if err != nil {
		w.saved = nil // it may be why the process died
		return nil, err
	}
	w.news = append(w.news, r.Notes...)
	if len(lost) > 0 {
		w.news = append(w.news, "lost: "+strings.Join(lost, ", "))
	}
	return p, nil
}

// takeNews is what there is to say of a process that was started again.
func (w *Worker) takeNews() []string {
	news := w.news
	w.news = nil
	return news
}

// variables are those of the process that ran last.
func (w *Worker) variables() []string {
	var saved eval.Saved
	_ = json.Unmarshal(w.saved, &saved) // our own process encoded it
	return saved.Variables
}

// call makes a request and waits for its end. If the context ends before, so does
// the request, or else, after a time, the process. The error is a *death.
func (w *Worker) call(ctx context.Context, p *process, req *request) (*reply, error) {
	w.mu.Lock()
	w.last++
	req.ID = w.last
	w.mu.Unlock()
	_ = p.send.send(req) // an error means that the process is dying
	interrupted := ctx.Done()
	var late <-chan time.Time
	for {
		select {
		case r := <-p.replies:
			if r.ID == req.ID {
				w.keep(p, r)
				return r, nil
			}
		case <-p.dead:
			return w.lastReply(p, req)
		case <-interrupted:
			interrupted, late = nil, time.After(w.opt.Grace)
			_ = p.send.send(&request{ID: req.ID, Verb: interrupt})
		case <-late:
			late = nil
			p.stubborn.Store(true)
			p.kill()
		}
	}
}

// lastReply is the reply to a request that came before its process died, or how it
// died.
func (w *Worker) lastReply(p *process, req *request) (*reply, error) {
	for {
		select {
		case r := <-p.replies:
			if r.ID == req.ID {
				w.keep(p, r)
				return r, nil
			}
		default:
			return nil, p.death
		}
	}
}

// keep remembers what is declared. A process that asks for its end has said so in
// the reply.
func (w *Worker) keep(p *process, r *reply) {
	if r.Saved != nil {
		w.saved = r.Saved
	}
	if r.Reset {
		w.saved = nil
	}
	if r.Restart || r.Reset {
		p.mourned = true
		p.kill()
		<-p.dead
	}
}

// Execute implements server.Runner. A cell that ends its process is an error of
// the cell.
func (w *Worker) Execute(ctx context.Context, cell server.Cell, out server.Output) server.Outcome {
	w.calls.Lock()
	defer w.calls.Unlock()
	p, err := w.live(ctx)
	if err != nil {
		return server.Outcome{Err: failure("error", err.Error(), w.takeNews())}
	}
	defer w.show(cell, out)()
	say(out, w.takeNews())
	r, err := w.call(ctx, p, &request{
		Verb: execute, Name: cell.Name, Code: cell.Code, Expression: cell.Expression, Cell: key(cell),
	})
	for err == nil && r.Reset {
		say(out, append(r.Notes, resetNote))
		if p, err = w.live(ctx); err != nil {
			return server.Outcome{Err: failure("error", err.Error(), w.takeNews())}
		}
		r, err = w.call(ctx, p, &request{Verb: execute, Name: cell.Name, Code: r.Rest, Cell: key(cell)})
	}
	if err != nil {
		return server.Outcome{Err: w.mourn(ctx, p)}
	}
	say(out, r.Notes)
	for _, d := range r.Values {
		out.Display(d)
	}
	return r.Outcome
}

// resetNote is what a cell says that has ended the process on purpose.
const resetNote = "reset: a new process, in which nothing is declared"

// show makes an Output that of the cell that ran last. That of a silent one, of
// which nothing is shown, is so only until it is over.
func (w *Worker) show(cell server.Cell, out server.Output) (undo func()) {
	w.release()
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.out
	w.out, w.line = out, ""
	return func() {
		w.release()
		if cell.Silent && before != nil {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.out = before
		}
	}
}

// key is what a cell has in common with its earlier runs: its name in the front
// end, else its code. Cells that show nothing have none.
func key(cell server.Cell) string {
	switch {
	case cell.Silent || cell.Expression:
		return ""
	case cell.ID != "":
		return cell.ID
	}
	return "code " + cell.Code
}

// say shows notes about a cell, beside what the cell itself shows.
func say(out server.Output, notes []string) {
	for _, n := range notes {
		out.Stream("stderr", dim+"("+n+")"+plain+"\n")
	}
}

// mourn starts another process, and is the error of the cell that ended the one
// before.
func (w *Worker) mourn(ctx context.Context, p *process) *server.Failure {
	p.mourned = true
	name, msg := w.epitaph(p.death)
	lines := usefulTrace(p.death.trace)
	if len(lines) > 0 {
		lines = lines[1:] // it is in the message
	}
	if _, err := w.live(ctx); err != nil {
		lines = append(lines, err.Error())
	} else {
		lines = append(lines, "What earlier cells declared was declared again.")
	}
	return failure(name, msg, append(lines, w.takeNews()...))
}

// epitaph is the kind and the message of the error of a cell that ended its process.
func (w *Worker) epitaph(d *death) (name, msg string) {
	if d.stubborn {
		return string(eval.Interrupted), fmt.Sprintf("interrupted: the cell did not end in %v, so its process was ended", w.opt.Grace)
	}
	why := d.how
	if trace := usefulTrace(d.trace); len(trace) > 0 {
		why = trace[0]
	} else if why == "signal: killed" {
		why += " (out of memory?)"
	}
	return "died", "the cell ended the process that runs the cells: " + why
}
