package main

import (
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"os/exec"

	"github.com/govidur/govidur/kernel/build"
	"github.com/govidur/govidur/kernel/eval"
)

// runCompiled builds a script, if it was not built before, and runs it.
func runCompiled(ctx context.Context, src eval.Source, args []string, std streams) error {
	bin, err := buildScript(ctx, src)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, bin, args...)
	cmd.Args[0] = src.Name // as it is interpreted
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, std.out, std.err
	build.Gently(cmd)
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ended(ctx, src)
	case errors.As(err, &exit):
		return &eval.Error{Kind: eval.Exited, Code: max(exit.ExitCode(), exitFailed)}
	}
	return err
}

// ended is the error of a script that ctx has ended.
func ended(ctx context.Context, src eval.Source) *eval.Error {
	why := src.Name + ": " + eval.WhyEnded(ctx.Err())
	return &eval.Error{Kind: eval.Interrupted, Err: ctx.Err(), Problems: []eval.Problem{{Msg: why}}}
}

// buildScript builds a script and returns the executable.
func buildScript(ctx context.Context, src eval.Source) (string, error) {
	if _, err := parser.ParseFile(token.NewFileSet(), src.Name, src.Code, parser.PackageClauseOnly); err != nil {
		return "", fmt.Errorf("--compile builds whole files, and %s does not begin with a package clause; without --compile it is interpreted", src.Name)
	}
	p, err := build.Script(src)
	if err != nil {
		return "", err
	}
	return p.Build(ctx)
}
