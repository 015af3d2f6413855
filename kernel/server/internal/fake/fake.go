// Package fake is a Runner for tests of package server: it runs no code, only the
// commands of a small table, one in each line.
package fake

import (
	"context"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/govidur/govidur/kernel/server"
)

// Runner obeys these commands:
//
//	print TEXT        TEXT and a newline on stdout
//	err TEXT          the same on stderr
//	write TEXT        a Go string literal, on stdout as it is
//	text              Runner.Text on stdout, in one write
//	lines N           N numbered lines on stdout, in writes of one line
//	alternate N       N lines on stdout and stderr in turn
//	sleep MS          waits, unless interrupted
//	stubborn          waits for Close, whatever happens
//	display ID TEXT   shows TEXT; - is no ID
//	update ID TEXT    shows it in place of ID
//	displays N        shows N numbers
//	picture           shows a PNG, an SVG and JSON with a NaN
//	clear             removes what was shown
//	input PROMPT      asks, and prints the answer or the error
//	password PROMPT   the same without echo
//	answer PROMPT     the same as input for a prompt that has been printed
//	open TARGET ID    opens a comm
//	later MS TEXT     prints TEXT when the cell is over
//	value TEXT        a result
//	live ID TEXT      a result that can be updated
//	cell              a result that describes the Cell
//	payload TEXT      suggests the next cell
//	page TEXT         shows help beside the notebook
//	fail TEXT         an error
//	panic TEXT        a panic of the Runner itself
//
// Any other line is an error.
type Runner struct {
	Interrupts atomic.Int32
	Text       string
	Closed     chan struct{}
}

// New makes a Runner.
func New() *Runner { return &Runner{Closed: make(chan struct{})} }

// run is a cell that runs.
type run struct {
	r    *Runner
	ctx  context.Context
	cell server.Cell
	out  server.Output
	end  server.Outcome
}

var commands = map[string]func(r *run, arg string) *server.Failure{
	"print": func(r *run, arg string) *server.Failure { r.out.Stream("stdout", arg+"\n"); return nil },
	"err":   func(r *run, arg string) *server.Failure { r.out.Stream("stderr", arg+"\n"); return nil },
	"write": func(r *run, arg string) *server.Failure {
		text, err := strconv.Unquote(arg)
		r.out.Stream("stdout", text)
		return wrong(err)
	},
	"text":      func(r *run, _ string) *server.Failure { r.out.Stream("stdout", r.r.Text); return nil },
	"lines":     lines,
	"alternate": alternate,
	"sleep":     sleep,
	"stubborn":  func(r *run, _ string) *server.Failure { <-r.r.Closed; return interrupted() },
	"display":   func(r *run, arg string) *server.Failure { r.out.Display(display(arg, false)); return nil },
	"update":    func(r *run, arg string) *server.Failure { r.out.Display(display(arg, true)); return nil },
	"displays":  displays,
	"pass":      func(r *run, arg string) *server.Failure { r.out.Display(passing(arg)); return nil },
	"picture":   picture,
	"clear":     func(r *run, _ string) *server.Failure { r.out.Clear(true); return nil },
	"input":     func(r *run, arg string) *server.Failure { return r.ask(server.Question{Prompt: arg}) },
	"password":  func(r *run, arg string) *server.Failure { return r.ask(server.Question{Prompt: arg, Password: true}) },
	"answer":    func(r *run, arg string) *server.Failure { return r.ask(server.Question{Prompt: arg, Printed: true}) },
	"open": func(r *run, arg string) *server.Failure {
		target, id, _ := strings.Cut(arg, " ")
		r.out.Comm(server.CommMessage{Kind: server.CommOpen, ID: id, Target: target})
		return nil
	},
	"later": func(r *run, arg string) *server.Failure {
		ms, text, _ := strings.Cut(arg, " ")
		n, err := strconv.Atoi(ms)
		time.AfterFunc(time.Duration(n)*time.Millisecond, func() { r.out.Stream("stdout", text+"\n") })
		return wrong(err)
	},
	"value": func(r *run, arg string) *server.Failure { r.result(arg); return nil },
	"live": func(r *run, arg string) *server.Failure {
		d := display(arg, false)
		r.end.Result = &d
		return nil
	},
	"cell": func(r *run, _ string) *server.Failure { r.result(fmt.Sprintf("%+v", r.cell)); return nil },
	"payload": func(r *run, arg string) *server.Failure {
		r.end.Payload = append(r.end.Payload, map[string]any{"source": "set_next_input", "text": arg, "replace": false})
		return nil
	},
	"page": func(r *run, arg string) *server.Failure {
		data := map[string]any{"text/plain": arg}
		r.end.Payload = append(r.end.Payload, map[string]any{"source": "page", "data": data, "start": 0})
		return nil
	},
	"fail":  func(_ *run, arg string) *server.Failure { return failure("Failed", arg) },
	"panic": func(_ *run, arg string) *server.Failure { panic(arg) },
}

func failure(name, value string) *server.Failure {
	return &server.Failure{Name: name, Value: value, Traceback: []string{name + ": " + value}}
}

func interrupted() *server.Failure { return &server.Failure{Name: "Interrupted"} }

func wrong(err error) *server.Failure {
	if err != nil {
		return failure("Wrong", err.Error())
	}
	return nil
}

func lines(r *run, arg string) *server.Failure {
	n, err := strconv.Atoi(arg)
	for i := 0; i < n && r.ctx.Err() == nil; i++ {
		r.out.Stream("stdout", fmt.Sprintf("%d\n", i))
	}
	return wrong(err)
}

func alternate(r *run, arg string) *server.Failure {
	n, err := strconv.Atoi(arg)
	for i := range n {
		r.out.Stream([]string{"stdout", "stderr"}[i%2], fmt.Sprintf("%d\n", i))
	}
	return wrong(err)
}

func sleep(r *run, arg string) *server.Failure {
	n, err := strconv.Atoi(arg)
	select {
	case <-time.After(time.Duration(n) * time.Millisecond):
		return wrong(err)
	case <-r.ctx.Done():
		return interrupted()
	}
}

// passing is a display that leaves nothing behind: its identity and its text, without
// which it goes.
func passing(arg string) server.Display {
	id, text, found := strings.Cut(arg, " ")
	d := server.Display{ID: id, Update: true, Passing: true}
	if found {
		d.Data = server.Bundle{"text/plain": text}
	}
	return d
}

func display(arg string, update bool) server.Display {
	id, text, _ := strings.Cut(arg, " ")
	return server.Display{Data: server.Bundle{"text/plain": text}, ID: strings.TrimPrefix(id, "-"), Update: update}
}

func displays(r *run, arg string) *server.Failure {
	n, err := strconv.Atoi(arg)
	for i := 0; i < n && r.ctx.Err() == nil; i++ {
		r.out.Display(server.Display{Data: server.Bundle{"text/plain": strconv.Itoa(i)}})
	}
	return wrong(err)
}

func picture(r *run, _ string) *server.Failure {
	r.out.Display(server.Display{
		Data: server.Bundle{
			"image/png":        []byte("\x89PNG\r\n\x1a\n"),
			"image/svg+xml":    "<svg xmlns='http://www.w3.org/2000/svg'/>",
			"application/json": map[string]any{"nan": math.NaN(), "one": 1},
		},
		Metadata: map[string]any{"image/png": map[string]any{"width": 1}},
	})
	return nil
}

func (r *run) ask(q server.Question) *server.Failure {
	text, err := r.out.Input(q)
	if err != nil {
		return failure("NoInput", err.Error())
	}
	r.out.Stream("stdout", text+"\n")
	return nil
}

func (r *run) result(text string) {
	r.end.Result = &server.Display{Data: server.Bundle{"text/plain": text}}
}

// Execute obeys the commands of a cell.
func (r *Runner) Execute(ctx context.Context, cell server.Cell, out server.Output) server.Outcome {
	now := &run{r: r, ctx: ctx, cell: cell, out: out}
	for line := range strings.Lines(cell.Code) {
		name, arg, _ := strings.Cut(strings.TrimRight(line, "\n"), " ")
		if name == "" {
			continue
		}
		command := commands[name]
		if command == nil {
			return server.Outcome{Err: failure("Unknown", name)}
		}
		if f := command(now, arg); f != nil {
			return server.Outcome{Err: f}
		}
	}
	return now.end
}

// Complete offers the commands that begin with the word before the offset. It panics
// on panic.
func (*Runner) Complete(_ context.Context, code string, offset int) server.Completion {
	if code == "panic" {
		panic("no completion")
	}
	c := server.Completion{Start: strings.LastIndexAny(code[:offset], " \n") + 1, End: offset}
	for _, name := range []string{"picture", "print"} {
		if strings.HasPrefix(name, code[c.Start:offset]) {
			c.Candidates = append(c.Candidates, server.Candidate{Text: name, Kind: "package", Type: "func(string)"})
		}
	}
	return c
}

// Inspect knows print.
func (*Runner) Inspect(_ context.Context, code string, offset, detail int) server.Description {
	if !strings.HasPrefix(code[:offset], "print") && !strings.HasPrefix(code, "print") {
		return server.Description{}
	}
	return server.Description{Data: server.Bundle{"text/plain": fmt.Sprintf("print at %d in detail %d", offset, detail)}}
}

// Status says that code with an open brace goes on, and that one with a question
// mark never will.
func (*Runner) Status(code string) (server.Status, string) {
	switch {
	case strings.Contains(code, "?"):
		return server.Invalid, ""
	case strings.HasSuffix(code, "{"):
		return server.Incomplete, "\t"
	}
	return server.Complete, ""
}

// Interrupt counts.
func (r *Runner) Interrupt() { r.Interrupts.Add(1) }

// Close ends stubborn cells.
func (r *Runner) Close() error { close(r.Closed); return nil }

// PID is the process of the tests.
func (*Runner) PID() int { return os.Getpid() }

// Comms is a Runner that also wants comms of the target "echo", to which messages
// come back.
type Comms struct{ *Runner }

// Comm sends back what comes.
func (c Comms) Comm(_ context.Context, m server.CommMessage, out server.Output) error {
	if m.Kind == server.CommOpen && m.Target != "echo" {
		return fmt.Errorf("nobody is %s", m.Target)
	}
	if m.Kind == server.CommMsg {
		if m.Data["panic"] != nil {
			panic("no comm")
		}
		if m.Data["fail"] != nil {
			return fmt.Errorf("told to fail")
		}
		out.Stream("stdout", "echo\n")
		out.Comm(server.CommMessage{Kind: server.CommMsg, ID: m.ID, Data: m.Data, Metadata: m.Metadata, Buffers: m.Buffers})
	}
	return nil
}
