package worker

import (
	"context"
	"time"

	"github.com/govidur/govidur/kernel/cells"
	"github.com/govidur/govidur/kernel/server"
)

// assistLimit is how long a front end waits for help with what is typed.
const assistLimit = 5 * time.Second

// Complete implements server.Runner.
func (w *Worker) Complete(ctx context.Context, code string, offset int) server.Completion {
	r := w.assist(ctx, &request{Verb: complete, Code: code, Offset: offset})
	if r == nil {
		return server.Completion{Start: offset, End: offset}
	}
	return r.Completion
}

// Inspect implements server.Runner: the declaration and its comment as plain text
// and as Markdown, with detail 1 the source of what cells declared.
func (w *Worker) Inspect(ctx context.Context, code string, offset, detail int) server.Description {
	r := w.assist(ctx, &request{Verb: inspect, Code: code, Offset: offset, Detail: detail})
	if r == nil {
		return server.Description{}
	}
	return r.Description
}

// assist makes a request beside cells; nil if it failed.
func (w *Worker) assist(ctx context.Context, req *request) *reply {
	w.calls.Lock()
	defer w.calls.Unlock()
	ctx, cancel := context.WithTimeout(ctx, assistLimit)
	defer cancel()
	p, err := w.live(ctx)
	if err != nil {
		return nil
	}
	r, err := w.call(ctx, p, req)
	if err != nil {
		return nil
	}
	return r
}

// Status implements server.Runner. It only reads the code, so the front does it.
func (w *Worker) Status(code string) (server.Status, string) {
	status, indent := cells.StatusOf(code)
	return server.Status(status), indent
}

// PID implements server.ProcessRunner.
func (w *Worker) PID() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.proc.ended() {
		return 0
	}
	return w.proc.cmd.Process.Pid
}

// Interrupt implements server.Runner. The cell that runs is ended by its context,
// and what was given the context of an earlier cell has ended with that cell.
func (w *Worker) Interrupt() {
	w.mu.Lock()
	p, last := w.proc, w.last
	w.mu.Unlock()
	_ = p.send.send(&request{ID: last, Verb: interrupt}) // an error: there is nothing to end
}

// Close implements server.Runner.
func (w *Worker) Close() error {
	w.mu.Lock()
	p := w.proc
	w.closed = true
	w.mu.Unlock()
	p.requests.Close()
	select {
	case <-p.dead:
	case <-time.After(time.Second):
		p.kill()
		<-p.dead
	}
	return nil
}
