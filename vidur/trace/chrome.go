package trace

import (
	"io"

	"github.com/govidur/govidur/vidur"
)

// ChromeOptions say what a Chrome trace has.
type ChromeOptions struct {
	// Plain leaves out the names of processes and threads and writes just the
	// events of the original simulator.
	Plain bool
	// Summary leaves the lists of requests out, which are most of the file when
	// batches are large.
	Summary bool
	// Limit is the most iterations of stages that are written; 0 means all. A
	// viewer takes some hundred thousand.
	Limit int
}

// Chrome writes a trace in the Trace Event Format of Chrome, which Perfetto
// reads too: a complete event for each iteration of each pipeline stage, in
// microseconds, with the replica as process and the stage as thread. An
// iteration that the end of the run cuts off is not in it.
type Chrome struct {
	writer
	opt    ChromeOptions
	named  []bool // replicas
	events int    // iterations so far
	closed bool
}

// NewChrome begins a trace.
func NewChrome(w io.Writer, opt ChromeOptions) *Chrome {
	c := &Chrome{writer: newWriter(w), opt: opt}
	c.raw(`{"traceEvents": [`)
	return c
}

// Record writes an iteration that ended.
func (c *Chrome) Record(e *vidur.Event) {
	if e.Kind != vidur.StageEnded || c.err != nil || c.closed {
		return
	}
	if c.events++; c.opt.Limit > 0 && c.events > c.opt.Limit {
		return
	}
	rep := e.Replica
	if !c.opt.Plain && (rep.ID >= len(c.named) || !c.named[rep.ID]) {
		c.name(rep)
	}
	b := e.Batch
	total := b.Time.Total()
	c.row(`{"name": "`)
	at := len(c.buf)
	if c.opt.Summary {
		c.raw("batch ")
		c.int(b.ID)
	} else {
		c.ints(len(b.Slots), func(i int) int { return b.Slots[i].Request.ID })
	}
	name := c.buf[at:len(c.buf):len(c.buf)]
	c.raw(`", "ph": "X", "ts": `)
	c.float((e.At - total) * 1e6)
	c.raw(`, "dur": `)
	c.float(total * 1e6)
	c.raw(`, "pid": `)
	c.int(rep.ID)
	c.raw(`, "tid": `)
	c.int(e.Stage)
	c.args(b, name)
	c.flush()
}

// args writes what the batch is made of; name is the list of its requests.
func (c *Chrome) args(b *vidur.Batch, name []byte) {
	c.raw(`, "args": {"batch_id": `)
	c.int(b.ID)
	c.raw(`, "batch_size": `)
	c.int(len(b.Slots))
	if c.opt.Summary {
		c.raw(`, "num_tokens": `)
		c.int(b.NumTokens)
	} else {
		c.raw(`, "request_ids": `)
		c.buf = append(c.buf, name...)
		c.raw(`, "num_tokens": `)
		c.ints(len(b.Slots), func(i int) int { return int(b.Slots[i].Tokens) })
	}
	c.raw("}}")
}

// name writes the metadata events that name a replica and its stages.
func (c *Chrome) name(rep *vidur.Replica) {
	for len(c.named) <= rep.ID {
		c.named = append(c.named, false)
	}
	c.named[rep.ID] = true
	c.meta("process_name", rep.ID, 0, "replica ", rep.ID)
	for stage := range rep.Spec.PP {
		c.meta("thread_name", rep.ID, stage, "stage ", stage)
	}
}

func (c *Chrome) meta(kind string, pid, tid int, what string, number int) {
	c.row(`{"name": "`)
	c.raw(kind)
	c.raw(`", "ph": "M", "pid": `)
	c.int(pid)
	c.raw(`, "tid": `)
	c.int(tid)
	c.raw(`, "args": {"name": "`)
	c.raw(what)
	c.int(number)
	c.raw(`"}}`)
}

// Cut is the number of iterations beyond the limit, which were not written.
func (c *Chrome) Cut() int {
	if c.opt.Limit == 0 {
		return 0
	}
	return max(0, c.events-c.opt.Limit)
}

// Close ends the trace. It does not close the writer.
func (c *Chrome) Close() error {
	if !c.closed {
		c.closed = true
		c.raw("]}\n")
		c.write()
	}
	return c.err
}

// SumsOnly marks it as one that needs no requests that only decode.
func (c *Chrome) SumsOnly() {}
