package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/govidur/govidur/kernel/build"
	"github.com/govidur/govidur/kernel/eval"
	"github.com/govidur/govidur/vidur"
)

// outcome is what a run of a script left.
type outcome struct {
	out, err string
	status   int
	digests  []string // a line for each simulation, sorted: they may run side by side
}

// both runs a script interpreted and compiled and says whether both print and
// simulate the same.
func (f *scriptFlags) both(ctx context.Context, src eval.Source, args []string, std streams) error {
	bin, err := buildScript(ctx, src)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "vidur-check-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := src.Name
	if !f.isFile {
		file = filepath.Join(dir, "script.go")
		if err := os.WriteFile(file, []byte(src.Code), 0o600); err != nil {
			return err
		}
	}
	again := scriptFlags{unrestricted: f.unrestricted} // ctx has the time limit
	cmd := exec.CommandContext(ctx, self, slices.Concat(again.again(), []string{file}, args)...)
	interpreted, err := observe(cmd, filepath.Join(dir, "interpreted"))
	if err != nil {
		return err
	}
	cmd = exec.CommandContext(ctx, bin, args...)
	cmd.Args[0] = file
	compiled, err := observe(cmd, filepath.Join(dir, "compiled"))
	if ctx.Err() != nil {
		return ended(ctx, src)
	}
	if err != nil {
		return err
	}
	return agree(src, interpreted, compiled, std)
}

// agree says that two outcomes are the same, or is the error that they are not.
func agree(src eval.Source, interpreted, compiled *outcome, std streams) error {
	if why := compiled.differs(interpreted); why != "" {
		return &eval.Error{Kind: eval.Failed, Problems: []eval.Problem{{Msg: src.Name + ": interpreted and compiled differ: " + why}}}
	}
	fmt.Fprintf(std.out, "%s: interpreted equals compiled: %d bytes of output, %s, %d events, exit status %d\n",
		src.Name, len(compiled.out), count(len(compiled.digests), "simulation"), compiled.events(), compiled.status)
	return nil
}

// observe runs a program and keeps what it leaves; digests is the file in which
// its simulations leave theirs.
func observe(cmd *exec.Cmd, digests string) (*outcome, error) {
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs // no input: only one of the two could read it
	cmd.Env = append(os.Environ(), vidur.WitnessVariable+"="+digests)
	build.Gently(cmd)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, err
	}
	o := &outcome{out: out.String(), err: errs.String(), status: cmd.ProcessState.ExitCode()}
	b, err := os.ReadFile(digests)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	o.digests = slices.DeleteFunc(strings.Split(string(b), "\n"), func(s string) bool { return s == "" })
	slices.Sort(o.digests)
	return o, nil
}

// differs says how two outcomes differ; empty if they do not.
func (o *outcome) differs(p *outcome) string {
	switch {
	case (o.status == 0) != (p.status == 0):
		return fmt.Sprintf("exit status %d interpreted, %d compiled\n%s%s", p.status, o.status, p.err, o.err)
	case o.out != p.out:
		line, a, b := firstDifference(p.out, o.out)
		return fmt.Sprintf("line %d of the output is\n\t%q interpreted\n\t%q compiled", line, a, b)
	case !slices.Equal(o.digests, p.digests):
		return fmt.Sprintf("the events of the %d and %d simulations are not the same", len(p.digests), len(o.digests))
	}
	return ""
}

// firstDifference is the first line, from 1, in which two texts differ.
func firstDifference(a, b string) (line int, inA, inB string) {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range max(len(x), len(y)) {
		inA, inB = "", ""
		if i < len(x) {
			inA = x[i]
		}
		if i < len(y) {
			inB = y[i]
		}
		if inA != inB {
			return i + 1, inA, inB
		}
	}
	return 0, "", ""
}

// events is the number of events of all simulations.
func (o *outcome) events() int {
	n := 0
	for _, d := range o.digests {
		var sum string
		var events int
		if _, err := fmt.Sscan(d, &sum, &events); err == nil {
			n += events
		}
	}
	return n
}
