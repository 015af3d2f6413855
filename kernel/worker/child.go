package worker

import (
	"bytes"
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
	"time"

	"github.com/govidur/govidur/kernel/eval"
	"github.com/govidur/govidur/kernel/nb"
	"github.com/govidur/govidur/kernel/server"
)

// child is the process that runs cells.
type child struct {
	session *eval.Session
	out     *sender
	saved   []byte // what the front knows of the declarations
	queue   chan *job

	input   *input
	answers chan request

	displaying sync.Mutex    // held by who displays
	displayed  chan struct{} // the front has shown it

	mu     sync.Mutex
	last   int                // the request that came last
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
	c := &child{out: newSender(out), queue: make(chan *job), displayed: make(chan struct{}, 1), answers: make(chan request, 1)}
	if c.input, err = newInput(); err != nil {
		return err
	}
	if c.session, err = eval.New(opt); err != nil {
		return err
	}
	nb.SetHost(c.host())
	go c.receive(in)
	for j := range c.queue {
		r := c.handle(j)
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
			c.displayed <- struct{}{}
			continue
		case answer:
			c.answers <- r
			continue
		}
		ctx, cancel := context.WithCancel(context.Background())
		c.mu.Lock()
		c.last, c.cancel = r.ID, cancel
		c.mu.Unlock()
		c.queue <- &job{r, ctx}
	}
}

// interrupt ends a request, unless another one has come since.
func (c *child) interrupt(id int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == id {
		c.cancel()
	}
}

// handle does what a request asks for. A panic is a fault of this module, or of a
// method that says how a value is shown.
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
	defer c.watchInput()()
	res, err := c.session.Eval(j.ctx, eval.Source{Name: j.Name, Code: j.Code})
	if res != nil {
		r.Notes = res.Notes
	}
	var e *eval.Error
	switch {
	case errors.As(err, &e):
		if e.Kind != eval.Exited || e.Code != 0 {
			r.Outcome.Err = explain(e)
		}
	case err != nil:
		r.Outcome.Err = failure("error", err.Error(), nil)
	default:
		r.Values, r.Outcome.Result = shown(res.Values)
	}
	r.Saved = c.changed()
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
			if !c.input.waits() || c.out.send(&reply{Asks: true}) != nil {
				continue
			}
			if r := <-c.answers; r.Refused {
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

// changed is what is declared, if that is not what the front knows.
func (c *child) changed() []byte {
	saved, err := json.Marshal(c.session.Save())
	if err != nil || bytes.Equal(saved, c.saved) {
		return nil
	}
	c.saved = saved
	return saved
}

// restore declares what another process had declared. What is lost now was named
// then, so it is not saved again.
func (c *child) restore(j *job, r *reply) {
	var saved eval.Saved
	err := json.Unmarshal(j.Saved, &saved)
	if err == nil {
		r.Notes, err = c.session.Restore(saved)
	}
	if err != nil {
		r.Notes = append(r.Notes, "the declarations are lost: "+err.Error())
	}
	r.Saved = c.changed()
}

func (c *child) complete(j *job) server.Completion {
	found := c.session.Complete(j.Code, j.Offset)
	out := server.Completion{Start: found.Start, End: found.End}
	for _, x := range found.Candidates {
		out.Candidates = append(out.Candidates, server.Candidate(x))
	}
	return out
}

// inspect describes a name: for consoles in plain text, for notebooks in
// Markdown.
func (c *child) inspect(j *job) server.Description {
	d, ok := c.session.Inspect(j.Code, j.Offset)
	if !ok {
		return server.Description{}
	}
	plain, mark := d.Signature, "```go\n"+d.Signature+"\n```"
	if d.Doc != "" {
		plain += "\n\n" + d.Doc
		mark += "\n\n" + d.Doc
	}
	if j.Detail > 0 && d.Source != "" {
		plain += "\n\n" + d.Source
		mark += "\n\n```go\n" + d.Source + "\n```"
	}
	if d.Place != "" {
		plain += "\n\n" + d.Place
		mark += "\n\n*" + d.Place + "*"
	}
	return server.Description{Data: server.Bundle{"text/plain": plain, "text/markdown": mark}}
}
