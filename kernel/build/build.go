// Package build compiles Go with the toolchain: scripts, and cells of notebooks.
// What was built is kept in the user's cache, by the text, the toolchain and the
// module that it is built in, and used again.
package build

import (
	"context"
	"errors"
	"fmt"
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

// modulePath is the module that programs import.
const modulePath = "github.com/govidur/govidur"

// Program is what is to be built: package main in one or more files.
type Program struct {
	// Name is the file that it comes from, in the form in which errors show it.
	// The module that it is built in is looked for from its directory upwards.
	Name string

	// Files are its files; a Name has no directory. Positions of errors are those
	// of the line directives in them.
	Files []eval.Source

	// Place is what a position that the toolchain says means to the user.
	Place func(file string, line, column int) eval.Place

	// Option and What are the words of errors: what asks for the build, as
	// --compile, and what is built, as script.
	Option, What string
}

// Script is the Program of a script: a whole file.
func Script(src eval.Source) (*Program, error) {
	name, err := filepath.Abs(src.Name)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(src.Code, "\n")
	return &Program{
		Name:  src.Name,
		Files: []eval.Source{{Name: "script.go", Code: fmt.Sprintf("//line %s:1:1\n%s", name, src.Code)}},
		Place: func(_ string, line, column int) (p eval.Place) {
			p.Filename, p.Line, p.Column = src.Name, line, column
			if 0 < line && line <= len(lines) {
				p.Source = strings.TrimRight(lines[line-1], "\r")
			}
			return p
		},
		Option: "--compile", What: "script",
	}, nil
}

// Build returns the path of the executable, from the cache if everything is as it
// was. The error is an *eval.Error of the kind Compile if the toolchain does not
// build it, the context's if that has ended, and says so in one line if there is no
// toolchain or no module.
func (p *Program) Build(ctx context.Context) (string, error) {
	goCmd, err := exec.LookPath("go")
	if err != nil {
		return "", fmt.Errorf("%s needs the Go toolchain, and there is no go command in PATH; without %s the %s is interpreted", p.Option, p.Option, p.What)
	}
	dir, err := cacheDir("scripts")
	if err != nil {
		return "", err
	}
	module, err := moduleOf(p.Name)
	if err != nil {
		return "", err
	}
	key, err := p.key(ctx, module, goCmd)
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
	if err := p.compile(ctx, work, module); err != nil {
		return "", err
	}
	if err := os.Rename(filepath.Join(work, "program"), bin); err != nil {
		return "", err
	}
	return bin, prune(dir)
}

// compile writes the executable to work/program.
func (p *Program) compile(ctx context.Context, work, module string) (err error) {
	flags := "GOFLAGS="
	if module == "" {
		if module, err = p.ownModule(work); err != nil {
			return err
		}
		flags = "GOFLAGS=-mod=mod" // it has no go.sum yet
	}
	args := []string{"build", "-C", module, "-trimpath", "-o", filepath.Join(work, "program")}
	for _, f := range p.Files {
		file := filepath.Join(work, f.Name)
		if err := os.WriteFile(file, []byte(f.Code), 0o600); err != nil {
			return err
		}
		args = append(args, file)
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOPROXY=off", "GOSUMDB=off", flags)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &exit):
		return p.failed(string(out))
	}
	return err
}

// placed is a line of the toolchain's that names a place in a file.
var placed = regexp.MustCompile(`^(.*?):(\d+):(\d+): (.*)$`)

// failed makes an Error of what the toolchain says.
func (p *Program) failed(out string) *eval.Error {
	e := &eval.Error{Kind: eval.Compile}
	for said := range strings.Lines(out) {
		said = strings.TrimRight(said, "\r\n")
		if said == "" || strings.HasPrefix(said, "# ") {
			continue
		}
		x := eval.Problem{Msg: said}
		if m := placed.FindStringSubmatch(said); m != nil {
			line, _ := strconv.Atoi(m[2]) // digits; one that is too large names no line
			column, _ := strconv.Atoi(m[3])
			x = eval.Problem{Place: p.Place(m[1], line, column), Msg: m[4]}
		}
		e.Problems = append(e.Problems, x)
	}
	if len(e.Problems) == 0 {
		e.Problems = []eval.Problem{{Msg: p.Name + ": the Go toolchain does not build it"}}
	}
	return e
}

// Gently gives a command that its context ends early a second to clean up.
func Gently(cmd *exec.Cmd) {
	cmd.WaitDelay = time.Second
	cmd.Cancel = func() error {
		if runtime.GOOS == "windows" {
			return cmd.Process.Kill()
		}
		return cmd.Process.Signal(os.Interrupt)
	}
}
