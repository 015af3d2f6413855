package worker

import (
	"context"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/govidur/govidur/kernel/cells"
	"github.com/govidur/govidur/kernel/eval"
	"github.com/govidur/govidur/kernel/nb"
	"github.com/govidur/govidur/kernel/server"
)

// child is the process that runs cells.
type child struct {
	cells    *cells.Shell
	session  *eval.Session // of cells
	host     *nb.Host
	out      *sender
	params   map[string]bool // variables of cells that hold parameters
	known    int             // version of the declarations that the front knows
	replaced bool            // the session has left something to itself that does not end
	queue    chan *job

	job   *job                   // of a comm, while it runs
	shows atomic.Pointer[string] // the display that a comm fills; nil while none does

	input   *input
	asking  sync.Mutex // held by who asks
	answers chan request

	displaying sync.Mutex   // held by who displays
	displayed  chan request // the front has shown it

	working sync.Mutex // held while a request is handled

	mu     sync.Mutex
	last   int                // the request that came last
	busy   bool               // it is not over
	cancel context.CancelFunc // ends it
}

// job is a request that waits, with its context, which an interrupt ends.
type job struct {
	request
	ctx context.Context
}

// Serve makes this process one that runs cells, for the front that has started it
// with its pipes. It does not return, except with an error if there is no front.
func Serve(opt eval.Options) error {
	in, out, err := childPipes()
	if err != nil {
		return fmt.Errorf("worker: not started by a kernel: %w", err)
	}
	signal.Reset()        // to what ends a process
	os.Args = os.Args[:1] // the others are no arguments of cells
	c := &child{params: map[string]bool{}, out: newSender(out), queue: make(chan *job), displayed: make(chan request, 1), answers: make(chan request, 1)}
	if c.input, err = newInput(); err != nil {
		return err
	}
	c.host = c.newHost()
	if c.cells, err = cells.New(opt, cells.Host{Display: c.host.Display}); err != nil {
		return err
	}
	c.session = c.cells.Session()
	nb.SetHost(c.host)
	go c.receive(in)
	for j := range c.queue {
		r := c.work(j)
		r.ID = j.ID
		if err := c.out.send(r); err != nil {
			return fmt.Errorf("worker: %w", err)
		}
	}
	endAll()
	return nil
}

// receive takes requests to the goroutine that handles them, and interrupts past
// it. The process ends with the front.
func (c *child) receive(in io.Reader) {
	dec := gob.NewDecoder(in)
	for {
		var r request
		if err := dec.Decode(&r); err != nil {
			endAll()
		}
		switch r.Verb {
		case interrupt:
			c.interrupt(r.ID)
			continue
		case displayed:
			c.displayed <- r
			continue
		case answer:
			c.answers <- r
			continue
		}
		ctx, cancel := context.WithCancel(context.Background())
		c.mu.Lock()
		c.last, c.cancel, c.busy = r.ID, cancel, true
		c.mu.Unlock()
		c.queue <- &job{r, ctx}
	}
}

// interrupt ends a request or, if it is over, what it and others before it left
// running. It does nothing if another request has come since.
func (c *child) interrupt(id int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.last != id:
	case c.busy:
		c.cancel()
	default:
		go func() {
			c.working.Lock()
			defer c.working.Unlock()
			c.session.StopLeft()
		}()
	}
}

// work handles a request. Nothing else happens in the session meanwhile.
func (c *child) work(j *job) *reply {
	c.working.Lock()
	defer c.working.Unlock()
	r := c.handle(j)
	r.Restart = c.replaced
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = c.last != j.ID
	return r
}

// handle does what a request asks for. A panic is a fault of this module.
func (c *child) handle(j *job) (r *reply) {
	r = &reply{}
	defer func() {
		if p := recover(); p != nil {
			msg := fmt.Sprint("panic: ", p)
			r.Outcome = server.Outcome{Err: failure("panic", msg, usefulTrace(string(debug.Stack())))}
		}
	}()
	switch j.Verb {
	case execute:
		c.execute(j, r)
	case complete:
		r.Completion = c.complete(j)
	case inspect:
		r.Description = c.inspect(j)
	case restore:
		c.restore(j, r)
	case comm:
		c.comm(j, r)
	}
	return r
}

func (c *child) execute(j *job, r *reply) {
	if j.Expression {
		if _, err := parser.ParseExpr(j.Code); err != nil {
			r.Outcome.Err = failure(string(eval.Syntax), "not an expression: "+j.Code, nil)
			return
		}
	}
	if j.Cell != "" {
		c.host.Begin(j.Cell, j.Name)
	}
	for _, name := range parametersOf(j.Code) {
		c.params[name] = true
	}
	defer c.watchInput()()
	res, err := c.run(j)
	r.Notes, r.Reset, r.Rest = res.Notes, res.Reset, res.Rest
	if err == nil && len(res.Values) > 0 {
		err = c.session.Do(j.ctx, func() { r.Values, r.Outcome.Result = shown(res.Values) })
	}
	r.Outcome.Err = c.failed(err)
	r.Saved = c.changed()
}

// run runs a cell, or evaluates an expression, in which no command can be.
func (c *child) run(j *job) (*cells.Result, error) {
	src := eval.Source{Name: j.Name, Code: j.Code}
	if !j.Expression {
		return c.cells.Run(j.ctx, src)
	}
	out := &cells.Result{}
	res, err := c.session.Eval(j.ctx, src)
	if res != nil {
		out.Result = *res
	}
	return out, err
}

// failed is how the error of a program is shown; nil if it is none.
func (c *child) failed(err error) *server.Failure {
	var e *eval.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &e):
		return failure("error", err.Error(), nil)
	}
	c.replaced = c.replaced || e.Replaced
	if e.Kind == eval.Exited && e.Code == 0 {
		return nil
	}
	return explain(e)
}

// It is seen ever less often whether a cell waits for standard input.
const (
	inputSoon = 10 * time.Millisecond
	inputLate = 200 * time.Millisecond
)

// watchInput asks the front whenever a cell waits for standard input, until it is
// undone.
func (c *child) watchInput() (undo func()) {
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		for pause := inputSoon; ; pause = min(pause*5/4, inputLate) {
			select {
			case <-done:
				return
			case <-time.After(pause):
			}
			if !c.input.waits() {
				continue
			}
			if r := c.question(&question{}); r.Refused {
				c.input.end()
			} else {
				c.input.fill(r.Line)
			}
			pause = inputSoon
		}
	}()
	return func() {
		close(done)
		<-gone
	}
}

// question asks the front, one question at a time.
func (c *child) question(q *question) request {
	c.asking.Lock()
	defer c.asking.Unlock()
	if c.out.send(&reply{Asks: q}) != nil {
		return request{Refused: true}
	}
	return <-c.answers
}

// changed is what is declared, if that is not what the front knows.
func (c *child) changed() []byte {
	version := c.cells.Version()
	if version == c.known {
		return nil
	}
	saved, err := json.Marshal(c.cells.Save())
	if err != nil {
		return nil
	}
	c.known = version
	return saved
}

// restore declares what another process had declared. What is lost now was named
// then, so it is not saved again.
func (c *child) restore(j *job, r *reply) {
	var saved cells.Saved
	err := json.Unmarshal(j.Saved, &saved)
	if err == nil {
		r.Notes, err = c.cells.Restore(j.ctx, saved)
	}
	if err != nil {
		r.Notes = append(r.Notes, "the declarations are lost: "+err.Error())
	}
	r.Saved = c.changed()
}

func (c *child) complete(j *job) server.Completion {
	found := c.cells.Complete(j.Code, j.Offset)
	out := server.Completion{Start: found.Start, End: found.End}
	for _, x := range found.Candidates {
		out.Candidates = append(out.Candidates, server.Candidate(x))
	}
	return out
}

// inspect describes a name: for consoles in plain text, for notebooks in
// Markdown.
func (c *child) inspect(j *job) server.Description {
	d, ok := c.cells.Inspect(j.Code, j.Offset)
	if !ok {
		return server.Description{}
	}
	return server.Description{Data: server.Bundle(cells.Describe(d, j.Detail))}
}
