package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/govidur/govidur/kernel/eval"
)

// exitFailed is the status of a script that fails.
const exitFailed = 1

const unrestrictedText = "offer other processes (os/exec) and the network too"

// scriptFlags are the flags of the verbs that run scripts.
type scriptFlags struct {
	code         string
	unrestricted bool
	timeout      time.Duration
	compile      bool
	check        bool
	isFile       bool // the script is one
}

func (f *scriptFlags) register(set *flag.FlagSet) {
	set.BoolVar(&f.unrestricted, "unrestricted", false, unrestrictedText)
	set.DurationVar(&f.timeout, "timeout", 0, "end the script after that time, as in 30s; 0 is no limit")
	set.BoolVar(&f.compile, "compile", false, "build it with the Go toolchain and run that; the build is kept")
}

const runUsage = `vidur run [FLAGS] FILE [ARGS]
vidur run [FLAGS] -e CODE [ARGS]
vidur run [FLAGS] - [ARGS]          (from standard input)

Runs a Go script: a file of package main, or loose statements, whose last
expression is shown. It is interpreted; --compile builds it. A script that fails
ends with status 1, one whose parameters are wrong with 2, and one that calls
os.Exit with the status that it gives.

`

// runVerb runs a script.
func runVerb(ctx context.Context, args []string, std streams) error {
	var f scriptFlags
	set := flag.NewFlagSet("run", flag.ContinueOnError)
	set.StringVar(&f.code, "e", "", "code to run instead of a file")
	f.register(set)
	set.BoolVar(&f.check, "check", false, "run it both ways, without input, and compare what it prints and simulates")
	if done, err := parseFlags(set, args, runUsage, std.out); done || err != nil {
		return err
	}
	src, rest, err := f.source(set.Args())
	if err != nil {
		return err
	}
	if f.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.timeout)
		defer cancel()
	}
	switch {
	case f.check:
		return f.both(ctx, src, rest, std)
	case f.compile:
		return runCompiled(ctx, src, rest, std)
	}
	return f.interpret(ctx, src, rest, std)
}

// parseFlags reads the flags of a verb. done is true if they ask for help, which
// it has given.
func parseFlags(set *flag.FlagSet, args []string, text string, help io.Writer) (done bool, err error) {
	set.SetOutput(io.Discard)
	err = set.Parse(args)
	if !errors.Is(err, flag.ErrHelp) {
		return false, err
	}
	fmt.Fprint(help, text)
	set.VisitAll(func(f *flag.Flag) {
		dashes := "--"
		if len(f.Name) == 1 {
			dashes = "-"
		}
		describe(help, dashes+f.Name, f.Usage+defaultText(strings.TrimSuffix(f.DefValue, "0s")))
	})
	return true, nil
}

// source reads the script that the arguments name, and returns the arguments
// that are its own.
func (f *scriptFlags) source(args []string) (eval.Source, []string, error) {
	if f.code != "" {
		return eval.Source{Name: "-e", Code: f.code}, args, nil
	}
	if len(args) == 0 {
		return eval.Source{}, nil, errors.New("which script? vidur run FILE, vidur run -e CODE, or vidur run - (standard input)")
	}
	if args[0] == "-" {
		code, err := io.ReadAll(os.Stdin)
		return eval.Source{Name: "stdin", Code: string(code)}, args[1:], err
	}
	src, err := readScript(args[0])
	f.isFile = true
	return src, args[1:], err
}

// readScript reads a file.
func readScript(path string) (eval.Source, error) {
	code, err := os.ReadFile(path)
	return eval.Source{Name: path, Code: string(code)}, err
}

// interpret interprets a script. It ends the process when the script does.
func (f *scriptFlags) interpret(ctx context.Context, src eval.Source, args []string, std streams) error {
	os.Args = append([]string{src.Name}, args...)
	s, err := eval.New(eval.Options{
		Unrestricted: f.unrestricted,
		End: func(e *eval.Error) {
			os.Exit(report(e, std.err))
		},
	})
	if err != nil {
		return err
	}
	defer hosted(func() *eval.Session { return s }, std)()
	res, err := s.Eval(ctx, src)
	if err != nil {
		return err
	}
	for _, v := range res.Values {
		fmt.Fprintln(std.out, valueText(v))
	}
	return nil
}

// report says why a script ended and returns the exit status.
func report(e *eval.Error, w io.Writer) int {
	if e.Kind == eval.Exited {
		return e.Code
	}
	if p, ok := badParameters(e); ok {
		fmt.Fprintln(w, "error:", p)
		return exitBad
	}
	fmt.Fprintln(w, e)
	return exitFailed
}
