package eval

import (
	"context"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/traefik/yaegi/interp"
)

// boundPackage is the name of the packages that hold policies of other sessions.
const boundPackage = "boundʹ"

// configFields are the fields of vidur.Config that make the kinds of policies.
var configFields = map[string]string{"scheduler": "NewScheduler", "router": "NewRouter"}

// Binding is a name for a policy that another session declares.
type Binding struct {
	Name string
	Cell Source // that asks for it, for messages

	// Make makes a session that declares the policy. It is called again when the
	// interpreter is replaced: the session may have been what did not end.
	Make func(ctx context.Context) (*Session, Policy, error)
}

// bound is a policy that a name stands for.
type bound struct {
	Binding
	from *Session
}

// BindPolicy declares a variable that holds a policy of another session: a
// func(*vidur.Replica) (vidur.Scheduler, error), or what makes a router. A policy
// that the name stood for is replaced for all that mentions it. What ends a cell of
// s ends what runs in the other session too.
func (s *Session) BindPolicy(ctx context.Context, b Binding) (*Result, error) {
	if !token.IsIdentifier(b.Name) || b.Name == "_" {
		return nil, fmt.Errorf("%q is no name of Go's", b.Name)
	}
	from, p, err := b.Make(ctx)
	if err != nil {
		return nil, err
	}
	value, err := from.policyValue(ctx, p)
	if err != nil {
		return nil, err
	}
	path, err := s.give(p.Kind, value)
	if err != nil {
		return nil, err
	}
	set := fmt.Sprintf("import %q; %s := %s.Policy", path, b.Name, boundPackage)
	res, err := s.Eval(ctx, Source{Name: b.Cell.Name, Code: set})
	s.enterLines(b.Cell)
	if err == nil {
		s.bound[b.Name] = bound{b, from}
	}
	return res, err
}

// Bound reports whether a name stands for a policy that BindPolicy gave it, or for
// another one that took its place.
func (s *Session) Bound(name string) bool {
	o, ok := s.objects[name].(*types.Var)
	if !ok {
		return false
	}
	for _, p := range s.given {
		if types.Identical(o.Type(), p.Scope().Lookup("Policy").Type()) {
			return true
		}
	}
	return false
}

// bindings are those whose names stand for policies, by their names.
func (s *Session) bindings() (list []Binding) {
	for _, name := range slices.Sorted(maps.Keys(s.bound)) {
		if s.Bound(name) {
			list = append(list, s.bound[name].Binding)
		}
	}
	return list
}

// bindAgain binds policies in a new world. The notes say which could not be.
func (s *Session) bindAgain(list []Binding) (notes []string) {
	for _, b := range list {
		if _, err := s.BindPolicy(context.Background(), b); err != nil {
			notes = append(notes, "policy "+b.Name+" is lost: "+err.Error())
		}
	}
	return notes
}

// policyValue is the function that makes a policy.
func (s *Session) policyValue(ctx context.Context, p Policy) (reflect.Value, error) {
	code := "(" + p.Make + ")"
	if strings.Contains(p.Make, "rand.") { // of which there are two
		code = "import \"math/rand/v2\"\n" + code
	}
	res, err := s.Eval(ctx, Source{Name: p.Name, Code: code})
	if err != nil {
		return reflect.Value{}, err
	}
	if len(res.Values) != 1 || reflect.TypeOf(res.Values[0].Any).Kind() != reflect.Func {
		return reflect.Value{}, errors.New(p.Name + " makes no policy")
	}
	return reflect.ValueOf(res.Values[0].Any), nil
}

// give makes a package that holds the function of a policy as Policy.
func (s *Session) give(kind string, value reflect.Value) (path string, err error) {
	engine, err := s.importPath(policyPath)
	if err != nil {
		return "", err
	}
	config := engine.Scope().Lookup("Config").Type().Underlying().(*types.Struct)
	path = fmt.Sprintf("vidur/bound/%d/%s", len(s.given)+1, boundPackage)
	p := types.NewPackage(path, boundPackage)
	for f := range config.Fields() {
		if f.Name() == configFields[kind] {
			p.Scope().Insert(types.NewFunc(token.NoPos, p, "Policy", f.Type().Underlying().(*types.Signature)))
		}
	}
	p.MarkComplete()
	s.given[path] = p
	return path, s.in.Use(interp.Exports{path + "//" + boundPackage: {"Policy": value}})
}

// worlds are the session's own and those whose policies it uses, by their names.
func (w *world) worlds() []*world {
	all := []*world{w}
	for _, name := range slices.Sorted(maps.Keys(w.bound)) {
		all = append(all, w.bound[name].from.world)
	}
	return all
}

// stop ends what is interpreted.
func (w *world) stop() {
	for _, x := range w.worlds() {
		x.rt.Stop()
	}
}

// resume lets what is interpreted run again.
func (w *world) resume() {
	for _, x := range w.worlds() {
		x.rt.Resume()
	}
}

// forgetPanics forgets where panics began.
func (w *world) forgetPanics() {
	for _, x := range w.worlds() {
		x.tap.last = token.Position{}
	}
}
