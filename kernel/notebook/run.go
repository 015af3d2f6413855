package notebook

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/govidur/govidur/kernel/server"
)

// RunOptions say how a notebook is run. The zero RunOptions are ready.
type RunOptions struct {
	Timeout     time.Duration        // of each cell; 0 is no limit
	AllowErrors bool                 // go on after a cell that fails
	Begin       func(cell, last int) // a cell begins, of the cells 1 to last; may be nil
	End         func(c *Cell)        // a cell has ended; may be nil
}

// CellError is why a run of a notebook ended before its end.
type CellError struct {
	Cell      int    // which, from 1, counting cells of all kinds
	Count     int    // its execution count
	Name      string // the kind of the error
	Value     string // its message, in a line
	Traceback []string
}

// Error is one line.
func (e *CellError) Error() string {
	return fmt.Sprintf("cell %d (In[%d]): %s: %s", e.Cell, e.Count, e.Name, e.Value)
}

// Run runs the cells of a notebook in order and stores their outputs in place of
// those that were there. As in papermill and nbclient, it ends at the first cell
// that fails, unless that is tagged raises-exception; cells tagged skip-execution are
// left as they are, and empty ones do not count. A cell that takes longer than the
// Timeout always ends the run. The error is a *CellError; the outputs up to it, and
// its own, are stored. If ctx ends, the cell that runs is interrupted and the run
// ends, with the error of ctx if no cell ran.
//
// The Runner must be fresh.
func (n *Notebook) Run(ctx context.Context, r server.Runner, opt RunOptions) error {
	n.prepare()
	b := &board{shown: map[string][]Output{}}
	if opt.Timeout > 0 { // which is not for the start of a process
		r.Execute(ctx, server.Cell{Silent: true}, &recorder{board: b, cell: &Cell{}})
	}
	count := 0
	for i, c := range n.Cells {
		if !c.runs() {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		count++
		if opt.Begin != nil {
			opt.Begin(i+1, len(n.Cells))
		}
		failed, fatal := b.run(ctx, r, job{c, count, opt.Timeout})
		if opt.End != nil {
			opt.End(c)
		}
		if failed != nil && (fatal || !opt.AllowErrors && !c.Tagged("raises-exception")) {
			return &CellError{i + 1, count, failed.Name, failed.Value, failed.Traceback}
		}
	}
	return nil
}

// prepare removes what an earlier run has left, and what differs from machine to
// machine.
func (n *Notebook) prepare() {
	for _, c := range n.Cells {
		delete(c.Metadata, "execution")
		if c.Kind == Code && !c.Tagged("skip-execution") {
			c.Count, c.Outputs = nil, nil
		}
	}
	delete(n.Metadata, "widgets")
	n.Metadata["language_info"] = map[string]any{"name": "go"}
	n.FixIDs()
}

// job is a cell to run.
type job struct {
	cell    *Cell
	count   int
	timeout time.Duration
}

// run runs a cell. An error that is fatal ends the run whatever the options say.
func (b *board) run(ctx context.Context, r server.Runner, j job) (failed *server.Failure, fatal bool) {
	if j.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, j.timeout)
		defer cancel()
	}
	out := &recorder{board: b, cell: j.cell}
	end := r.Execute(ctx, server.Cell{
		Code: j.cell.Source, Name: fmt.Sprintf("In[%d]", j.count), Count: j.count, ID: j.cell.ID,
	}, out)
	if end.Err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		late := *end.Err
		late.Value = fmt.Sprintf("the cell took longer than %v", j.timeout)
		end.Err = &late
	}
	out.finish(end, j.count)
	j.cell.Count = &j.count
	return end.Err, ctx.Err() != nil
}

// Language is the language that the notebook says it is in, in lower case; "go" for
// the kernels of Go that are known by name, empty if it does not say.
func (n *Notebook) Language() string {
	kernel, _ := n.Metadata["kernelspec"].(map[string]any)
	info, _ := n.Metadata["language_info"].(map[string]any)
	for _, v := range []any{kernel["language"], info["name"]} {
		if s, _ := v.(string); s != "" {
			return strings.ToLower(s)
		}
	}
	name, _ := kernel["name"].(string)
	switch name {
	case "", "vidur", "gonb", "gophernotes":
		return "go"
	}
	return name
}
