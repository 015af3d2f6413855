package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"

	"golang.org/x/term"

	"github.com/govidur/govidur/kernel/cells"
	"github.com/govidur/govidur/kernel/eval"
)

const replUsage = `vidur repl [FLAGS] [FILE ...]

Evaluates Go, cell by cell: declarations, statements, and expressions, whose
value is shown. Files are loaded first, without running their main. From a pipe
it reads cells without prompts, goes on after errors, and ends with status 1 if
any cell failed. :help lists the commands, %help those that notebooks have too.

`

// repl is a session at the terminal or at the end of a pipe.
type repl struct {
	opt    eval.Options
	shell  atomic.Pointer[cells.Shell] // signals arrive on a goroutine of their own
	in     lines
	std    streams
	color  bool
	cells  int  // so far
	failed bool // one of them
}

// lines is where cells come from.
type lines interface {
	// line reads a line without its end. Whoever types sees the prompt, and indent
	// as if it were typed; before is the beginning of the cell. The error is io.EOF
	// at the end and errCleared if what was typed is not wanted.
	line(prompt, indent, before string) (text string, pasted bool, err error)

	// interactive reports whether somebody sees the prompts.
	interactive() bool
}

// errCleared is what Ctrl-C makes of the input.
var errCleared = errors.New("cleared")

// replVerb evaluates what is typed.
func replVerb(ctx context.Context, args []string, std streams) error {
	r := &repl{std: std}
	set := flag.NewFlagSet("repl", flag.ContinueOnError)
	set.BoolVar(&r.opt.Unrestricted, "unrestricted", false, unrestrictedText)
	if done, err := parseFlags(set, args, replUsage, std.out); done || err != nil {
		return err
	}
	if err := r.reset(); err != nil {
		return err
	}
	if fd := int(os.Stdin.Fd()); term.IsTerminal(fd) {
		r.color = os.Getenv("NO_COLOR") == ""
		r.in = newTerminal(fd, &r.shell)
	} else {
		r.in = newPipe(os.Stdin)
	}
	defer r.listen()()
	defer hosted(r.session, std)()
	// The first Ctrl-C ends ctx, and the session goes on after it.
	return r.loop(context.WithoutCancel(ctx), set.Args())
}

// reset begins a session in which nothing is declared.
func (r *repl) reset() error {
	s, err := cells.New(r.opt, cells.Host{Out: r.std.out, Err: r.std.err})
	if err == nil {
		r.shell.Store(s)
	}
	return err
}

// session is where cells run.
func (r *repl) session() *eval.Session { return r.shell.Load().Session() }

// listen makes Ctrl-C interrupt the cell that runs, and SIGTERM end the process,
// until it is undone.
func (r *repl) listen() (undo func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			case sig := <-signals:
				if sig == os.Interrupt {
					r.shell.Load().Interrupt()
					continue
				}
				if t, ok := r.in.(*terminal); ok {
					t.restore()
				}
				os.Exit(exitInterrupted)
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
	}
}

// loop loads files and evaluates cells to the end of the input.
func (r *repl) loop(ctx context.Context, files []string) error {
	for _, f := range files {
		r.load(ctx, f)
	}
	if r.in.interactive() {
		fmt.Fprintln(r.std.err, "Go, cell by cell. :help and %help list the commands, Ctrl-D leaves.")
	}
	for {
		text, err := r.read()
		switch {
		case errors.Is(err, errCleared):
			continue
		case errors.Is(err, io.EOF):
			return r.end()
		case err != nil:
			return err
		}
		if leave := r.do(ctx, text); leave {
			return r.end()
		}
	}
}

// end is the status of the session: whoever types has seen the errors.
func (r *repl) end() error {
	if r.failed && !r.in.interactive() {
		return &eval.Error{Kind: eval.Exited, Code: exitFailed}
	}
	return nil
}

// read reads lines until they are a whole cell or a command. An empty line ends
// what is typed; in a pipe it is part of the cell.
func (r *repl) read() (string, error) {
	var code strings.Builder
	prompt := fmt.Sprintf("In[%d]: ", r.cells+1)
	indent := ""
	for {
		line, pasted, err := r.in.line(prompt, indent, code.String())
		if errors.Is(err, io.EOF) && code.Len() > 0 {
			return code.String(), nil // the next one is the end again
		}
		if err != nil {
			return "", err
		}
		blank := strings.TrimSpace(line) == ""
		if code.Len() == 0 {
			if blank && !pasted {
				continue
			}
			if isCommand(line) {
				return line, nil
			}
			prompt = strings.Repeat(" ", len(prompt)-5) + "...: "
		}
		code.WriteString(line + "\n")
		indent = ""
		if pasted { // to its end, which a typed line says
			continue
		}
		status, more := cells.StatusOf(strings.TrimSuffix(code.String(), "\n"))
		if status != eval.Incomplete || blank && r.in.interactive() {
			return strings.TrimSuffix(code.String(), "\n"), nil
		}
		indent = more
	}
}

// eval evaluates a cell and shows what comes of it.
func (r *repl) eval(ctx context.Context, code string) {
	r.cells++
	src := eval.Source{Name: fmt.Sprintf("In[%d]", r.cells), Code: code}
	res, err := r.shell.Load().Run(ctx, src)
	for err == nil && res.Reset {
		if err = r.reset(); err == nil {
			src.Code = res.Rest
			res, err = r.shell.Load().Run(ctx, src)
		}
	}
	r.show(&res.Result, err)
}

// show prints the values of a cell, notes about it and its error.
func (r *repl) show(res *eval.Result, err error) {
	if res != nil {
		for _, n := range res.Notes {
			fmt.Fprintln(r.std.err, r.dim("("+n+")"))
		}
		for _, v := range res.Values {
			fmt.Fprintln(r.std.out, valueText(v))
		}
	}
	if err != nil {
		r.failed = true
		fmt.Fprintln(r.std.err, err)
	}
}

// dim is text of less weight.
func (r *repl) dim(text string) string {
	if !r.color {
		return text
	}
	return "\x1b[2m" + text + "\x1b[0m"
}
