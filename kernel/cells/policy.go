package cells

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/govidur/govidur/kernel/eval"
	"github.com/govidur/govidur/vidur/spec"
)

// Policy is a cell that %%policy has bound to a name.
type Policy struct {
	Name  string      // in the notebook
	Which string      // of the cell's policies; empty if it has one
	Cell  eval.Source // in which all but the policy is blank
}

// policy interprets the rest of the cell in an interpreter of its own and binds the
// policy in it to a name.
func (s *Shell) policy(c call) error {
	words := strings.Fields(c.argument())
	if len(words) == 0 || len(words) > 2 {
		return problem(c.src, c.name.from, find("policy").usage()+": which?")
	}
	p := Policy{Name: words[0], Cell: c.body()}
	if len(words) == 2 {
		p.Which = words[1]
	}
	notes, err := s.bind(c.ctx, p)
	c.out.Notes = append(c.out.Notes, notes...)
	var e *eval.Error
	if err != nil && !errors.As(err, &e) {
		return failure(c.src, c.arg.from, err.Error())
	}
	return err
}

// bind interprets a policy and binds it.
func (s *Shell) bind(ctx context.Context, p Policy) (notes []string, err error) {
	res, err := s.session.BindPolicy(ctx, eval.Binding{
		Name: p.Name, Cell: p.Cell,
		Make: func(ctx context.Context) (from *eval.Session, made eval.Policy, err error) {
			if from, err = eval.New(s.opt); err != nil {
				return nil, made, err
			}
			if _, err = from.Load(ctx, p.Cell); err != nil {
				return nil, made, err
			}
			made, err = choose(from, p.Which)
			return from, made, err
		},
	})
	if err != nil {
		return nil, err
	}
	s.bound = slices.DeleteFunc(s.bound, func(x Policy) bool { return x.Name == p.Name })
	s.bound = append(s.bound, p)
	s.changes++
	return res.Notes, nil
}

// choose is the policy that a session has declared, or the one of a name.
func choose(s *eval.Session, which string) (p eval.Policy, err error) {
	all, err := s.Policies()
	if err != nil {
		return p, err
	}
	var names []string
	for _, p := range all {
		if p.Name == which {
			return p, nil
		}
		names = append(names, p.Name)
	}
	switch {
	case len(all) == 0:
		return p, errors.New("no policy: there is no type with the methods of a vidur.Scheduler or vidur.Router, and no function that makes one")
	case which != "":
		return p, spec.Unknown("policy", which, names)
	case len(all) > 1:
		return p, fmt.Errorf("several policies: %s; the one that is meant stands after the name", strings.Join(names, ", "))
	}
	return all[0], nil
}

// Saved is what a Shell has to know to go on in another process: what was declared,
// without the values of variables, and what commands have set. It can be encoded
// as JSON.
type Saved struct {
	eval.Saved
	Env      map[string]string
	Dir      string // empty if no command has changed it
	Policies []Policy
}

// Version is a number that grows whenever what [Shell.Save] returns changes.
func (s *Shell) Version() int { return s.session.Version() + s.changes }

// Save returns what is declared and set now.
func (s *Shell) Save() Saved {
	saved := Saved{Saved: s.session.Save(), Env: s.set, Dir: s.dir}
	for _, p := range s.bound {
		if s.session.Bound(p.Name) {
			saved.Policies = append(saved.Policies, p)
			saved.Variables = slices.DeleteFunc(saved.Variables, func(v string) bool { return v == p.Name })
		}
	}
	return saved
}

// Restore brings a new Shell to where another one was. The notes say what could not
// be restored.
func (s *Shell) Restore(ctx context.Context, saved Saved) (notes []string, err error) {
	for name, value := range saved.Env {
		if err := os.Setenv(name, value); err == nil {
			s.set[name] = value
		}
	}
	if saved.Dir != "" {
		s.dir = saved.Dir
		if err := os.Chdir(saved.Dir); err != nil {
			notes = append(notes, "the working directory is lost: "+err.Error())
		}
	}
	for _, p := range saved.Policies { // before what mentions them
		more, err := s.bind(ctx, p)
		if notes = append(notes, more...); err != nil {
			notes = append(notes, "policy "+p.Name+" is lost: "+err.Error())
		}
	}
	more, err := s.session.Restore(saved.Saved)
	return append(notes, more...), err
}
