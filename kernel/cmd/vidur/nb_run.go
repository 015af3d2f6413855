package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/govidur/govidur/kernel/notebook"
)

// nbRunFlags are the flags of the verbs that run notebooks.
type nbRunFlags struct {
	timeout      time.Duration
	allowErrors  bool
	unrestricted bool
	figures      string
}

func (f *nbRunFlags) register(set *flag.FlagSet) {
	set.Func("timeout", "end a cell after that time, as in 30s, and the run with it; 0 is no limit", func(s string) (err error) {
		if f.timeout, err = time.ParseDuration(s); err != nil || f.timeout < 0 {
			err = errors.New("a time is written as 30s or 2m")
		}
		return err
	})
	set.BoolVar(&f.allowErrors, "allow-errors", false, "go on after a cell that fails")
	set.StringVar(&f.figures, "figures", "", "the folder of the figures that cells save; else that of the notebook, or what VIDUR_FIGURES says")
	set.BoolVar(&f.unrestricted, "unrestricted", false, unrestrictedText)
}

// nbRun runs a notebook. What has run until an error is written too.
func nbRun(ctx context.Context, args []string, std streams) error {
	var f nbRunFlags
	var params []notebook.Param
	set := flag.NewFlagSet("nb run", flag.ContinueOnError)
	f.register(set)
	out := set.String("o", "", "write the notebook with its outputs there; - is standard output")
	inPlace := set.Bool("in-place", false, "write it where it was; without this and -o the text of the outputs is printed")
	set.Func("p", "set a parameter, name=value: a number, a string, true, false, or a list as [1,2,4]; may be repeated", func(s string) error {
		p, err := notebook.ParseParam(s)
		params = append(params, p)
		return err
	})
	files, done, err := mixedFlags(set, args, std.out)
	if done || err != nil {
		return err
	}
	path, err := one(set, files)
	switch {
	case err != nil:
		return err
	case *inPlace && *out != "":
		return errors.New("-o and --in-place are different places")
	case *inPlace && path != "-":
		*out = path
	case *inPlace:
		*out = "-"
	}
	if err := folderOf(*out); err != nil {
		return err
	}
	n, err := goNotebook(path)
	if err != nil {
		return err
	}
	if err := n.Inject(params); err != nil {
		return err
	}
	return f.run(ctx, n, nbPlace{path, *out}, std)
}

// folderOf is an error if a file cannot be written because its folder is not there:
// a run of an hour is not lost for that.
func folderOf(out string) error {
	if out == "" || out == "-" {
		return nil
	}
	info, err := os.Stat(filepath.Dir(out))
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a folder", filepath.Dir(out))
	}
	if err != nil {
		return fmt.Errorf("-o %s: %w", out, err)
	}
	return nil
}

// nbPlace is where a notebook is, and where it is written to; nowhere if that is
// empty.
type nbPlace struct{ path, out string }

// run runs a notebook and writes it.
func (f *nbRunFlags) run(ctx context.Context, n *notebook.Notebook, at nbPlace, std streams) error {
	cells, err := f.start(at.path)
	if err != nil {
		return err
	}
	opt := f.options(std)
	if at.out == "" {
		opt.End = func(c *notebook.Cell) { printOutputs(c, std) }
	}
	failed := n.Run(ctx, cells, opt)
	err = cells.Close()
	if isTerminal(std.err) {
		fmt.Fprint(std.err, clearLine)
	}
	if at.out != "" {
		err = errors.Join(err, writeWhole(at.out, n.Bytes(), std))
	}
	if err != nil {
		return err
	}
	return f.report(failed, at, std)
}

// options are those of a run that shows on a terminal how far it is.
func (f *nbRunFlags) options(std streams) notebook.RunOptions {
	opt := notebook.RunOptions{Timeout: f.timeout, AllowErrors: f.allowErrors}
	if isTerminal(std.err) {
		opt.Begin = func(cell, last int) { fmt.Fprintf(std.err, "%scell %d of %d", clearLine, cell, last) }
	}
	return opt
}

// report says which cell ended a run.
func (f *nbRunFlags) report(failed error, at nbPlace, std streams) error {
	var cell *notebook.CellError
	switch {
	case failed == nil:
		return nil
	case errors.Is(failed, context.Canceled):
		fmt.Fprintf(std.err, "%s: interrupted\n", at.path)
		return errWrong
	case !errors.As(failed, &cell):
		return failed
	}
	fmt.Fprintf(std.err, "%s: %v\n", at.path, cell)
	if at.out != "" { // else it was printed as an output
		printTraceback(cell.Traceback, std.err)
	}
	return errWrong
}

// printTraceback prints the traceback of a cell, in colours on a terminal.
func printTraceback(lines []string, w io.Writer) {
	for _, line := range lines {
		fmt.Fprintln(w, plainUnlessTerminal(line, w))
	}
}

var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

func plainUnlessTerminal(s string, w io.Writer) string {
	if isTerminal(w) && os.Getenv("NO_COLOR") == "" {
		return s
	}
	return colours.ReplaceAllString(s, "")
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// printOutputs prints the outputs of a cell as text: errors and what the cell wrote
// to standard error there, all else to standard output.
func printOutputs(c *notebook.Cell, std streams) {
	if isTerminal(std.err) {
		fmt.Fprint(std.err, clearLine)
	}
	for _, o := range c.Outputs {
		to := std.out
		text, _ := o["text"].(string)
		switch o.Kind() {
		case "stream":
			if o["name"] == "stderr" {
				to = std.err
			}
		case "error":
			to = std.err
			lines, _ := o["traceback"].([]any)
			for _, line := range lines {
				text += fmt.Sprintln(line)
			}
		default:
			data, _ := o["data"].(map[string]any)
			text, _ = data["text/plain"].(string)
			if text != "" && !strings.HasSuffix(text, "\n") {
				text += "\n"
			}
		}
		io.WriteString(to, plainUnlessTerminal(text, to))
	}
}
