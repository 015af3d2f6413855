package worker

import (
	"context"
	"fmt"
	"os"
	"regexp"

	"github.com/govidur/govidur/kernel/nb"
	"github.com/govidur/govidur/kernel/server"
)

// newHost is what package nb does in cells.
func (c *child) newHost() *nb.Host {
	return &nb.Host{
		Context: func() context.Context { return c.session.Context() },
		Fail:    func(err error) { c.session.Fail(err) },
		Exit:    func(code int) { c.session.Exit(code) },
		Args:    []string{},
		Display: func(b nb.Bundle, id string, update bool) {
			c.display(server.Display{Data: server.Bundle(b), ID: id, Update: update})
		},
		Progress: func(s nb.ProgressState) {
			if c.shows.Load() == nil { // else it has no place
				c.display(bar(s))
			}
		},
		Parameters: c.parameters,
		Comm:       c.sendComm,
		Call:       c.call,
		Capture:    c.capture,
		Clear: func(wait bool) {
			when := clearNow
			if wait {
				when = clearNext
			}
			c.exchange(&reply{Clear: when})
		},
		Input: c.ask,
	}
}

// plainType is the type of a variable that can be a parameter.
var plainType = regexp.MustCompile(`^(\[\])?(bool|string|u?int(8|16|32|64)?|float(32|64)|time\.Duration)$`)

// display shows a value and waits for that: what is printed afterwards comes after
// it.
func (c *child) display(d server.Display) { c.exchange(&reply{Display: &d}) }

// exchange sends what is shown in order with text and waits for the answer.
func (c *child) exchange(r *reply) request {
	c.displaying.Lock()
	defer c.displaying.Unlock()
	if c.out.send(r) != nil {
		return request{} // the front is gone
	}
	return <-c.displayed
}

// bar is the display of progress, without data when that has ended. All states of
// one bar are updates of one display, which the server knows to show as new at first.
func bar(s nb.ProgressState) server.Display {
	d := server.Display{ID: fmt.Sprintf("progress-%d-%d", os.Getpid(), s.ID), Update: true, Passing: true}
	if !s.Ended {
		d.Data = server.Bundle(s.Bundle())
	}
	return d
}
