package main

import (
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/govidur/govidur/kernel/eval"
)

// modulePath is the module that scripts import.
const modulePath = "github.com/govidur/govidur"

// errNoToolchain is why a script cannot be compiled.
var errNoToolchain = errors.New("--compile needs the Go toolchain, and there is no go command in PATH; without --compile the script is interpreted")

// maxBuilds is how many programs the cache keeps.
const maxBuilds = 32

// runCompiled builds a script, if it was not built before, and runs it.
func runCompiled(ctx context.Context, src eval.Source, args []string, std streams) error {
	bin, err := build(ctx, src)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, bin, args...)
	cmd.Args[0] = src.Name // as it is interpreted
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, std.out, std.err
	gently(cmd)
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
	why := "interrupted"
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		why = "stopped: the time limit has passed"
	}
	return &eval.Error{Kind: eval.Interrupted, Err: ctx.Err(), Problems: []eval.Problem{{Msg: src.Name + ": " + why}}}
}

// gently gives a command that is ended early a second to clean up.
func gently(cmd *exec.Cmd) {
	cmd.WaitDelay = time.Second
	cmd.Cancel = func() error {
		if runtime.GOOS == "windows" {
			return cmd.Process.Kill()
		}
		return cmd.Process.Signal(os.Interrupt)
	}
}

// build returns the program of a script, from the cache if the script and what
// it is built with are as they were.
func build(ctx context.Context, src eval.Source) (string, error) {
	goCmd, err := exec.LookPath("go")
	if err != nil {
		return "", errNoToolchain
	}
	if _, err := parser.ParseFile(token.NewFileSet(), src.Name, src.Code, parser.PackageClauseOnly); err != nil {
		return "", fmt.Errorf("--compile builds whole files, and %s does not begin with a package clause; without --compile it is interpreted", src.Name)
	}
	dir, err := cacheDir("scripts")
	if err != nil {
		return "", err
	}
	module, err := moduleOf(src.Name)
	if err != nil {
		return "", err
	}
	key, err := buildKey(ctx, src, module, goCmd)
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, key)
	if _, err := os.Stat(bin); err == nil {
		now := time.Now()
		return bin, os.Chtimes(bin, now, now) // the cache drops what was not used for longest
	}
	work, err := os.MkdirTemp(dir, "build-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	if err := compile(ctx, src, work, module); err != nil {
		return "", err
	}
	if err := os.Rename(filepath.Join(work, "script"), bin); err != nil {
		return "", err
	}
	return bin, prune(dir)
}

// compile writes the program of a script to work/script.
func compile(ctx context.Context, src eval.Source, work, module string) error {
	name, err := filepath.Abs(src.Name)
	if err != nil {
		return err
	}
	file := filepath.Join(work, "script.go")
	text := fmt.Sprintf("//line %s:1:1\n%s", name, src.Code)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	flags := "GOFLAGS="
	if module == "" {
		if module, err = ownModule(work); err != nil {
			return err
		}
		flags = "GOFLAGS=-mod=mod" // it has no go.sum yet
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-C", module, "-trimpath", "-o", filepath.Join(work, "script"), file)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOPROXY=off", "GOSUMDB=off", flags)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &exit):
		return buildError(src, string(out))
	}
	return err
}

// placed is a line of the toolchain's that names a place in a file.
var placed = regexp.MustCompile(`^.*?:(\d+):(\d+): (.*)$`)

// buildError makes an Error of what the toolchain says of a script.
func buildError(src eval.Source, out string) *eval.Error {
	e := &eval.Error{Kind: eval.Compile}
	lines := strings.Split(src.Code, "\n")
	for said := range strings.Lines(out) {
		said = strings.TrimRight(said, "\r\n")
		if said == "" || strings.HasPrefix(said, "# ") {
			continue
		}
		p := eval.Problem{Msg: said}
		if m := placed.FindStringSubmatch(said); m != nil {
			p.Msg, p.Filename = m[3], src.Name
			p.Line, _ = strconv.Atoi(m[1]) // digits; one that is too large names no line
			p.Column, _ = strconv.Atoi(m[2])
			if 0 < p.Line && p.Line <= len(lines) {
				p.Source = strings.TrimRight(lines[p.Line-1], "\r")
			}
		}
		e.Problems = append(e.Problems, p)
	}
	if len(e.Problems) == 0 {
		e.Problems = []eval.Problem{{Msg: src.Name + ": the Go toolchain does not build it"}}
	}
	return e
}
