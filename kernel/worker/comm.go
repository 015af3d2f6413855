package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/govidur/govidur/kernel/nb"
	"github.com/govidur/govidur/kernel/server"
)

// packet is a message of a comm in the pipes, its data as JSON: gob does not know
// what JSON is made of.
type packet struct {
	Kind           server.CommKind
	ID, Target     string
	Data, Metadata []byte
	Buffers        [][]byte
}

func pack(m server.CommMessage) (*packet, error) {
	p := &packet{Kind: m.Kind, ID: m.ID, Target: m.Target, Buffers: m.Buffers}
	var err error
	if p.Data, err = json.Marshal(m.Data); err != nil {
		return nil, err
	}
	p.Metadata, err = json.Marshal(m.Metadata)
	return p, err
}

func (p *packet) unpack() (m server.CommMessage, err error) {
	m = server.CommMessage{Kind: p.Kind, ID: p.ID, Target: p.Target, Buffers: p.Buffers}
	for _, x := range []struct {
		from []byte
		to   *map[string]any
	}{{p.Data, &m.Data}, {p.Metadata, &m.Metadata}} {
		if len(x.from) > 0 && err == nil {
			err = json.Unmarshal(x.from, x.to)
		}
	}
	return m, err
}

// Comm implements server.CommRunner: the message is handled as a cell runs, and
// what that shows goes to out. An error of the user's code is shown by what the
// comm belongs to.
func (w *Worker) Comm(ctx context.Context, m server.CommMessage, out server.Output) error {
	w.calls.Lock()
	defer w.calls.Unlock()
	p, err := w.live(ctx)
	if err != nil {
		return err
	}
	req := &request{Verb: comm}
	if req.Comm, err = pack(m); err != nil {
		return err
	}
	w.note(m)
	defer w.show(server.Cell{Silent: true}, out)()
	r, err := w.call(ctx, p, req)
	if err != nil {
		into := w.into()
		if f := w.mourn(ctx, p); into != "" {
			out.Display(server.Display{Data: failureBundle(f), ID: into, Update: true})
		}
		return err
	}
	if r.Problem != "" {
		return errors.New(r.Problem)
	}
	return nil
}

// note keeps the list of comms that are open at the other end of the process.
func (w *Worker) note(m server.CommMessage) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch m.Kind {
	case server.CommOpen:
		if w.comms == nil {
			w.comms = map[string]bool{}
		}
		w.comms[m.ID] = true
	case server.CommClose:
		delete(w.comms, m.ID)
	}
}

// comm implements viewer.
func (w *Worker) comm(p *packet) {
	m, err := p.unpack()
	if err != nil {
		return // our own process encoded it
	}
	w.note(m)
	if out := w.current(); out != nil {
		out.Comm(m)
	}
}

// gone implements viewer: comms end with the process.
func (w *Worker) gone() {
	w.mu.Lock()
	out, open := w.out, slices.Sorted(maps.Keys(w.comms))
	w.comms = nil
	w.mu.Unlock()
	for _, id := range open {
		if out != nil {
			out.Comm(server.CommMessage{Kind: server.CommClose, ID: id})
		}
	}
}

// failureBundle is how an error is shown in the place of a display.
func failureBundle(f *server.Failure) server.Bundle {
	text := strings.Join(f.Traceback, "\n")
	return server.Bundle{plainText: text, "application/vnd.jupyter.stderr": text}
}

// comm handles a message of the front end.
func (c *child) comm(j *job, r *reply) {
	c.job = j
	defer func() { c.job = nil }()
	m := nb.CommMessage{Kind: string(j.Comm.Kind), ID: j.Comm.ID, Target: j.Comm.Target, Data: j.Comm.Data, Metadata: j.Comm.Metadata}
	if err := c.host.Take(m); err != nil {
		r.Problem = err.Error()
	}
}

// call runs what belongs to a comm, in the session.
func (c *child) call(display string, f func()) nb.Bundle {
	j := c.job
	if j == nil {
		return nb.Bundle{plainText: "nothing runs"}
	}
	c.shows.Store(&display)
	defer c.shows.Store(nil)
	failed := c.failed(c.session.Do(j.ctx, f))
	if failed == nil {
		return nil
	}
	return nb.Bundle(failureBundle(failed))
}

// sendComm sends a message of a comm, in order with what is shown.
func (c *child) sendComm(m nb.CommMessage) {
	c.exchange(&reply{Comm: &packet{Kind: server.CommKind(m.Kind), ID: m.ID, Target: m.Target, Data: m.Data, Metadata: m.Metadata}})
}

// capture keeps what is printed, or ends that, and returns what was kept.
func (c *child) capture(on bool) string {
	into := ""
	if d := c.shows.Load(); d != nil {
		into = *d
	}
	return c.exchange(&reply{Capture: &capture{On: on, Into: into}}).Line
}

// ask asks the user.
func (c *child) ask(prompt string, secret bool) (string, error) {
	r := c.question(&question{Prompt: prompt, Secret: secret, Direct: true})
	if r.Ended {
		c.session.EndInterrupted()
	}
	if r.Refused {
		return "", fmt.Errorf("nobody can be asked: %s", r.Line)
	}
	return r.Line, nil
}
