// Command vidur simulates the serving of large language models.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/govidur/govidur/kernel/eval"
	"github.com/govidur/govidur/kernel/nb"
	"github.com/govidur/govidur/vidur/spec"
)

// verb is what the command can do.
type verb struct {
	name string
	doc  string
	run  func(ctx context.Context, args []string, std streams) error
}

// streams are where a verb writes: results and everything else.
type streams struct{ out, err io.Writer }

func verbs() []verb {
	return []verb{
		{"simulate", "run one simulation: its summary, its files", simulate},
		{"sweep", "simulate at every point of a grid, and go on where it stopped", sweepVerb},
		{"search", "find the highest rate that each of many deployments can take", searchVerb},
		{"report", "a page of the results of a search or a sweep, to look at in a browser", reportVerb},
		{"run", "run a Go script: interpreted, compiled, or both ways compared", runVerb},
		{"repl", "evaluate Go, cell by cell", replVerb},
		{"watch", "run a script whenever it changes, and show what moved", watchVerb},
		{"vet", "what is wrong with scripts; with --laws, with their policies", vetVerb},
		{"new", "write a scheduler, router, workload or notebook to start from", newVerb},
		{"profile", "where operator times come from; what is wrong in profiles", profileVerb},
		{"nb", "notebooks without Jupyter: run, verify, check, strip, export", nbVerb},
		{"kernel", "Go in Jupyter notebooks: install the kernel", kernelVerb},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], streams{os.Stdout, os.Stderr}))
}

const (
	exitBad         = 2 // what was asked for cannot be done
	exitInterrupted = 130
)

// run does what args say and returns the exit status.
func run(ctx context.Context, args []string, std streams) int {
	err := dispatch(ctx, args, std)
	var script *eval.Error
	switch {
	case err == nil:
		return 0
	case errors.As(err, &script):
		return report(script, std.err)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(std.err, "vidur: interrupted")
		return exitInterrupted
	}
	fmt.Fprintln(std.err, "vidur:", oneLine(err))
	return exitBad
}

// oneLine is the text of an error in one line, without the name of the package
// that it may begin with.
func oneLine(err error) string {
	lines := strings.FieldsFunc(err.Error(), func(c rune) bool { return c == '\n' || c == '\r' })
	return strings.TrimPrefix(strings.Join(lines, "; "), "vidur: ")
}

func dispatch(ctx context.Context, args []string, std streams) error {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		usage(std.out)
		return nil
	}
	if args[0] == "version" || args[0] == "--version" {
		fmt.Fprintln(std.out, nb.Info())
		return nil
	}
	var names []string
	for _, v := range verbs() {
		if v.name == args[0] {
			return v.run(ctx, args[1:], std)
		}
		names = append(names, v.name)
	}
	return spec.Unknown("verb", args[0], names)
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "vidur simulates the serving of large language models.")
	fmt.Fprintln(w)
	for _, v := range verbs() {
		fmt.Fprintf(w, "  vidur %-10s %s\n", v.name, v.doc)
	}
	fmt.Fprintln(w)
	fmt.Fprintln(w, "vidur VERB --help says more, vidur version what this binary is made of.")
}
