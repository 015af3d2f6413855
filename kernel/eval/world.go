package eval

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"

	"github.com/traefik/yaegi/interp"

	"github.com/govidur/govidur/kernel/eval/internal/lower"
	"github.com/govidur/govidur/kernel/symbols"
)

// world is an interpreter and what it knows. It is thrown away when a program in
// it does not end: what that may still do must not be seen.
type world struct {
	fset  *token.FileSet
	in    *interp.Interpreter
	imp   types.Importer
	rt    *lower.Runtime
	low   *lower.Lowerer
	tap   *tap
	files int // parsed so far

	imports map[string]string // name → path, of every cell so far
	used    map[string]bool   // paths the interpreter has

	// The front is the program as its author sees it: natural names, one package
	// for each cell, into which what is current is entered.
	decls   declSet
	objects map[string]types.Object
	dropped map[string]string // name → why it is gone

	// The back is the program as the interpreter has it: every version of a name
	// has a name of its own, in one package.
	back     *types.Package
	backInfo *types.Info
	names    map[types.Object]string // of the front's objects
	versions map[string]int
	alias    map[string]string // import path → name

	bound map[string]bound          // name → the policy that it stands for
	given map[string]*types.Package // path → package that has a policy

	out     []Value
	running *unit
}

// maxDepth is how deep calls may go into each other. Go ends the process when a
// stack has 1 GB, which is at some ten times as many interpreted calls.
const maxDepth = 50_000

// newWorld gives the session an empty world.
func (s *Session) newWorld() error {
	w := &world{
		imports:  map[string]string{},
		used:     map[string]bool{},
		decls:    declSet{by: map[string]*decl{}},
		objects:  map[string]types.Object{},
		dropped:  map[string]string{},
		back:     types.NewPackage("main", "main"),
		backInfo: newInfo(),
		names:    map[types.Object]string{},
		versions: map[string]int{},
		alias:    map[string]string{},
		bound:    map[string]bound{},
		given:    map[string]*types.Package{},
	}
	w.tap = &tap{to: s.opt.Stderr, at: func() token.Position { return w.rt.Position() }}
	w.in = interp.New(interp.Options{Stderr: w.tap, Unrestricted: true})
	w.fset = w.in.FileSet()
	w.imp = symbols.Importer(w.fset)
	w.low = lower.New(w.fset, w.back, w.backInfo)
	w.low.Positions = !s.opt.NoPlaces
	w.rt = w.low.Runtime()
	w.rt.MaxDepth = maxDepth
	w.rt.OnOverflow = func(limit int) { s.overflowed(w, limit) }
	w.rt.OnPanic = s.goroutinePanicked
	w.rt.Fatal = func(v any) bool { _, over := v.(ended); return over }
	if err := w.in.Use(w.host()); err != nil {
		return fmt.Errorf("eval: %w", err)
	}
	s.world = w
	return nil
}

// host is what compiled cells call.
func (w *world) host() interp.Exports {
	ex := interp.Exports{hostPath + "/host": {
		"Out": reflect.ValueOf(func(typ string, v any) {
			w.out = append(w.out, Value{Type: plain(typ), Any: v})
		}),
		"Set": reflect.ValueOf(func(name string) {
			w.running.unset = slices.DeleteFunc(w.running.unset, func(n string) bool { return n == name })
		}),
	}}
	for path, values := range w.rt.Exports() {
		ex[path] = values
	}
	return ex
}

func newInfo() *types.Info {
	return &types.Info{
		Types:      map[ast.Expr]types.TypeAndValue{},
		Instances:  map[*ast.Ident]types.Instance{},
		Defs:       map[*ast.Ident]types.Object{},
		Uses:       map[*ast.Ident]types.Object{},
		Implicits:  map[ast.Node]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
		Scopes:     map[ast.Node]*types.Scope{},
	}
}

// renew puts a new world in the place of the present one and declares in it
// what was declared. It returns the notes: what is lost.
func (s *Session) renew() ([]string, error) {
	saved, policies := s.Save(), s.bindings()
	if err := s.newWorld(); err != nil {
		return nil, err
	}
	notes := s.bindAgain(policies) // before what mentions them
	saved.Variables = slices.DeleteFunc(saved.Variables, func(name string) bool { return s.objects[name] != nil })
	more, err := s.Restore(saved)
	notes = append(notes, more...)
	if len(saved.Variables) > 0 {
		notes = append(notes, "lost: "+strings.Join(saved.Variables, ", "))
	}
	return notes, err
}

// declare compiles declarations alone. The notes say which could not be.
func (s *Session) declare(list []*decl) (notes []string, err error) {
	file, err := s.parseFile("package main\n")
	if err != nil {
		return nil, err
	}
	u := &unit{cell: &cell{file: file}, again: list}
	u.take()
	s.decls.enter(list)
	for {
		errs := s.checkFront(u)
		dropped := u.failing(errs)
		if len(dropped) == 0 {
			break
		}
		s.dropStale(u, dropped, errs)
	}
	if err := s.compile(u); err != nil {
		return nil, err
	}
	s.commit(u)
	_, err = s.in.Execute(u.program)
	return u.notes, err
}
