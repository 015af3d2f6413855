package lower

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/traefik/yaegi/interp"

	"github.com/govidur/govidur/kernel/symbols"
)

// The tests interpret programs in child processes, which are this test binary
// with the file's name in the environment.
const (
	runVariable  = "LOWER_TEST_RUN"
	dumpVariable = "LOWER_TEST_DUMP"

	exitRefused  = 90
	exitInternal = 91
	exitInvalid  = 92
	exitStopped  = 93
)

// limitVariable is how long a child lets the program run before it stops it.
const limitVariable = "LOWER_TEST_LIMIT"

func TestMain(m *testing.M) {
	if name := os.Getenv(runVariable); name != "" {
		os.Exit(child(name))
	}
	os.Exit(m.Run())
}

type exited struct{ code int }

// child interprets one file and returns the status that Go's would have.
func child(name string) (code int) {
	limitMemory()
	src, err := os.ReadFile(name)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitInternal
	}
	p, err := load(name, src, os.Getenv(dumpVariable) != "")
	var r *Refused
	switch {
	case errors.As(err, &r):
		fmt.Fprintln(os.Stderr, "refused:", err)
		return exitRefused
	case errors.As(err, new(types.Error)):
		fmt.Fprintln(os.Stderr, "invalid:", err)
		return exitInvalid
	case err != nil:
		fmt.Fprintln(os.Stderr, "internal:", err)
		return exitInternal
	}
	return p.run()
}

// program is a lowered and compiled file.
type program struct {
	in      *interp.Interpreter
	low     *Lowerer
	program *interp.Program
}

// load parses, checks, lowers and compiles.
func load(name string, src []byte, dump bool) (p *program, err error) {
	p = &program{in: interp.New(interp.Options{Stderr: io.Discard, Unrestricted: true})}
	fset := p.in.FileSet()
	f, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, types.Error{Msg: err.Error()}
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{},
		Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Scopes: map[ast.Node]*types.Scope{},
	}
	pkg := types.NewPackage("main", "main")
	conf := types.Config{Importer: symbols.Importer(fset)}
	if err := types.NewChecker(&conf, fset, pkg, info).Files([]*ast.File{f}); err != nil {
		return nil, err
	}
	p.low = New(fset, pkg, info)
	p.low.Positions = true
	if dump {
		text, err := p.low.Text(f)
		fmt.Println(text, err)
		os.Exit(0)
	}
	lowered, err := p.low.File(f)
	if err != nil {
		return nil, err
	}
	p.low.Runtime().Fatal = func(v any) bool { _, ok := v.(exited); return ok }
	if err := p.in.Use(p.low.Runtime().Exports()); err != nil {
		return nil, err
	}
	var paths []string
	for _, s := range lowered.Imports {
		path, _ := strconv.Unquote(s.Path.Value)
		paths = append(paths, path)
	}
	for _, path := range symbols.Closure(paths...) {
		name, values, _ := symbols.Values(path)
		if err := p.in.Use(interp.Exports{path + "//" + name: values}); err != nil {
			return nil, err
		}
	}
	defer func() {
		if r := recover(); r != nil {
			err = &Refused{Construct: "this program", Why: fmt.Sprint("the interpreter panics: ", r)}
		}
	}()
	p.program, err = p.in.CompileAST(lowered)
	if err != nil {
		return nil, &Refused{Pos: token.NoPos, Construct: "this program", Why: err.Error()}
	}
	return p, nil
}

// run executes the program, for a limited time if that is asked for.
func (p *program) run() int {
	limit, err := time.ParseDuration(os.Getenv(limitVariable))
	if err != nil {
		limit = time.Hour
	}
	code := exitStopped // if the goroutine ends without a status
	done := make(chan bool)
	go func() {
		defer close(done)
		code = p.execute()
	}()
	select {
	case <-done:
	case <-time.After(limit):
		p.low.Runtime().Stop()
		<-done
		return exitStopped
	}
	return code
}

// execute runs the program to its end; the status is that of Go's.
func (p *program) execute() int {
	p.low.Runtime().OnPanic = func(v any, at token.Position) {
		fmt.Fprintf(os.Stderr, "panic: %v\n\n%s\n", v, at)
		os.Exit(2)
	}
	p.low.Runtime().OnOverflow = func(limit int) {
		fmt.Fprintln(os.Stderr, "panic:", overflow{limit})
		os.Exit(2)
	}
	_, err := p.in.Execute(p.program)
	var pan interp.Panic
	if errors.As(err, &pan) {
		if e, ok := pan.Value.(exited); ok {
			return e.code
		}
		if r, ok := pan.Value.(*Refused); ok {
			fmt.Fprintln(os.Stderr, "refused:", r)
			return exitRefused
		}
		fmt.Fprintf(os.Stderr, "panic: %v\n\n%s\n", Explain(pan.Value), p.low.Runtime().Position())
		if os.Getenv("LOWER_TEST_STACK") != "" {
			fmt.Fprintf(os.Stderr, "%s\n", pan.Stack)
		}
		return 2
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "internal:", err)
		return exitInternal
	}
	return 0
}
