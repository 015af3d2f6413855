package server

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/govidur/govidur/kernel/wire"
)

// output is the Output of a request: what is shown has it as its parent. The lock
// is held while messages are sent, so that they leave in order.
type output struct {
	s      *Server
	ctx    context.Context
	r      *request
	silent bool // nothing is shown
	stdin  bool // questions are allowed

	shown   atomic.Bool // something that stays
	passing sync.Map    // displays that pass, by ID

	mu    sync.Mutex
	text  text
	spill spill
	timer *time.Timer // sends the text; nil if there is none
}

func (s *Server) newOutput(ctx context.Context, r *request, c *executeRequest) *output {
	return &output{
		s: s, ctx: ctx, r: r, silent: c.Silent, stdin: c.AllowStdin,
		spill: spill{limit: s.opt.StreamLimit, dir: s.opt.SpillDir},
	}
}

// flushEvery is how long text waits for more.
const flushEvery = 50 * time.Millisecond

// Stream shows text, soon.
func (o *output) Stream(name, text string) {
	if o.silent || text == "" {
		return
	}
	o.shown.Store(true)
	if name != "stderr" {
		name = "stdout"
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	keep, notice := o.spill.take(text)
	o.text.add(name, keep)
	o.text.add("stderr", notice)
	if o.text.size >= pieceSize {
		o.flush()
	} else if o.timer == nil {
		o.timer = time.AfterFunc(flushEvery, func() {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.flush()
		})
	}
}

// flush sends the text that waits; the lock is held.
func (o *output) flush() {
	if o.timer != nil {
		o.timer.Stop()
		o.timer = nil
	}
	for _, p := range o.text.take() {
		o.s.publish(o.r, "stream", object{"name": p.name, "text": p.text})
	}
}

// publish sends a message after the text before it.
func (o *output) publish(kind string, content object) {
	if !o.silent {
		o.broadcast(wire.Draft{Type: kind, Content: content})
	}
}

func (o *output) broadcast(d wire.Draft) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flush()
	d.Parent = o.r.RawHeader
	o.s.broadcast(d)
}

// shown is a display in the words of messages.
func shown(d *Display) object {
	transient := object{}
	if d.ID != "" {
		transient["display_id"] = d.ID
	}
	return object{"data": wire.Bundle(d.Data), "metadata": dict(d.Metadata), "transient": transient}
}

// Display shows a value. An update of what was never shown is shown as new: front
// ends would leave it out.
func (o *output) Display(d Display) {
	if o.silent || d.Passing && !o.stdin {
		return
	}
	if d.Passing {
		o.pass(&d)
		return
	}
	o.shown.Store(true)
	o.place(&d)
}

// pass shows what does not stay. Of a display the protocol can only empty what it
// shows; where there is nothing else the whole output is cleared, so that not even an
// empty one is left.
func (o *output) pass(d *Display) {
	if len(d.Data) > 0 {
		o.passing.Store(d.ID, true)
		o.place(d)
		return
	}
	o.passing.Delete(d.ID)
	others := o.shown.Load()
	o.passing.Range(func(any, any) bool {
		others = true
		return false
	})
	if others {
		d.Data = Bundle{"text/plain": "", "text/html": ""}
		o.place(d)
		return
	}
	o.s.displays.Delete(d.ID)
	o.Clear(false)
}

// place shows a display as new or in its place.
func (o *output) place(d *Display) {
	kind := "display_data"
	if d.ID != "" {
		if _, known := o.s.displays.LoadOrStore(d.ID, true); known && d.Update {
			kind = "update_display_data"
		}
	}
	o.publish(kind, shown(d))
}

// Clear removes what the request has shown.
func (o *output) Clear(wait bool) {
	o.publish("clear_output", object{"wait": wait})
}

// Comm sends a message of a comm, also if nothing else is shown.
func (o *output) Comm(m CommMessage) {
	o.s.comms.sent(m)
	o.broadcast(wire.Draft{Type: string(m.Kind), Metadata: m.Metadata, Content: commContent(m), Buffers: m.Buffers})
}

// finish sends what is left of the text, and how the cell ended.
func (o *output) finish(end Outcome, count int) {
	o.mu.Lock()
	o.text.add("stderr", o.spill.finish())
	o.text.end()
	o.flush()
	o.tellMissed()
	o.mu.Unlock()
	switch {
	case end.Err != nil:
		content := failed(end.Err)
		delete(content, "status")
		o.publish("error", content)
	case end.Result != nil:
		content := shown(end.Result)
		content["execution_count"] = count
		if end.Result.ID != "" {
			o.s.displays.Store(end.Result.ID, true)
		}
		o.publish("execute_result", content)
	}
}

// tellMissed tells the front ends that did not keep up what they have missed.
func (o *output) tellMissed() {
	if o.silent {
		return
	}
	for peer, n := range o.s.iopub.Missed() {
		o.s.opt.Log("%d messages with text were dropped for a client that did not keep up", n)
		text := fmt.Sprintf("\n[%d pieces of text are missing above: this front end did not keep up]\n", n)
		d := wire.Draft{Type: "stream", Parent: o.r.RawHeader, Content: object{"name": "stderr", "text": text}}
		_ = o.s.iopub.Send(peer, o.s.topical(d)) // who has gone misses nothing
	}
}
