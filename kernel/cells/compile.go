package cells

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/govidur/govidur/kernel/build"
	"github.com/govidur/govidur/kernel/eval"
	"github.com/govidur/govidur/kernel/internal/relay"
	"github.com/govidur/govidur/kernel/nb"
)

// compile compiles the rest of the cell with what it uses of the notebook, and runs
// it. The program has no standard input.
func (s *Shell) compile(c call) error {
	if c.arg.from < c.arg.to {
		return problem(c.src, c.arg.from, "%%compile takes the rest of the cell")
	}
	files, err := s.session.Standalone(c.body())
	if err != nil {
		return err
	}
	dir, err := os.Getwd()
	if err != nil {
		return failure(c.src, c.name.from, "%%compile: "+plainError(err))
	}
	program := &build.Program{
		Name: filepath.Join(dir, "cell.go"), Files: files, Place: s.placeOf,
		Option: "%%compile", What: "cell",
	}
	bin, err := program.Build(c.ctx)
	var e *eval.Error
	switch {
	case c.ctx.Err() != nil:
		return interrupted(c.ctx)
	case errors.As(err, &e):
		return err
	case err != nil:
		return failure(c.src, c.name.from, err.Error())
	}
	return s.start(c, bin)
}

// placeOf is the place of a cell that the toolchain means.
func (s *Shell) placeOf(file string, line, column int) eval.Place {
	cells := strings.TrimPrefix(eval.CellDir, "/")
	i := strings.LastIndex(file, cells)
	if i < 0 {
		return eval.Place{}
	}
	return s.session.PlaceOf(file[i+len(cells):], line, column)
}

// start runs the executable of a cell to its end.
func (s *Shell) start(c call, bin string) error {
	shows, err := relay.Listen(func(d relay.Display) { s.show(nb.Bundle(d.Data), d.ID, d.Update) })
	if err != nil {
		return failure(c.src, c.name.from, "%%compile: "+plainError(err))
	}
	defer shows.Close()
	words := &lastWords{to: s.host.Err}
	cmd := exec.CommandContext(c.ctx, bin)
	cmd.Args[0] = c.src.Name
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = s.host.Out, words, shows.Files()
	cmd.Env = append(os.Environ(), shows.Variable())
	build.Gently(cmd)
	err = cmd.Start()
	shows.Started()
	if err == nil {
		err = cmd.Wait()
	}
	return s.ended(c, words, err)
}

// ended is how a program has ended.
func (s *Shell) ended(c call, words *lastWords, err error) error {
	var exit *exec.ExitError
	isExit := errors.As(err, &exit)
	if isExit && exit.ExitCode() == panicStatus && c.ctx.Err() == nil {
		if e := s.panicked(words.held.String()); e != nil {
			return e
		}
	}
	words.release()
	switch {
	case c.ctx.Err() != nil:
		return interrupted(c.ctx)
	case isExit:
		return &eval.Error{Kind: eval.Exited, Code: max(exit.ExitCode(), 1), Problems: []eval.Problem{{Msg: exit.String()}}}
	case err != nil && !errors.Is(err, exec.ErrWaitDelay): // what it has started goes on
		return failure(c.src, c.name.from, "%%compile: "+plainError(err))
	}
	return nil
}

// interrupted is the error of a program that its context has ended.
func interrupted(ctx context.Context) *eval.Error {
	cause := context.Cause(ctx)
	return &eval.Error{Kind: eval.Interrupted, Err: cause, Problems: []eval.Problem{{Msg: eval.WhyEnded(cause)}}}
}
