package spec

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/govidur/govidur/vidur/internal/near"
)

// Flag is a flag of a command that is no part of an experiment. Its value is a
// pointer to a string or a bool.
type Flag struct {
	Name  string
	Doc   string
	Value any
}

// Parsed is what a command line says.
type Parsed struct {
	Experiment *Experiment
	Notes      []string // what was understood otherwise than it was written
}

// given is one flag of a command line.
type given struct {
	name   string
	values []string
}

// Parse reads a command line: --config FILE, the keys of [Params] as flags, the
// flat flags of the original simulator, which may be abbreviated as there, and
// the flags of the command itself. Short flags win over the file. Any flag of
// the original makes an experiment of the original's defaults and behaviour,
// which short flags then change.
func Parse(args []string, flags ...Flag) (*Parsed, error) {
	p := &parser{params: Params(), flags: flags, original: newOriginalConfig()}
	if err := p.scan(args); err != nil {
		return nil, err
	}
	out := &Parsed{Experiment: Default()}
	if len(p.original.given) > 0 {
		if p.config != "" {
			return nil, fmt.Errorf("--config and the original simulator's --%s do not mix", p.firstOriginal)
		}
		if err := out.fromOriginal(p.original); err != nil {
			return nil, err
		}
	}
	if p.config != "" {
		if err := out.Experiment.Load(p.config); err != nil {
			return nil, err
		}
	}
	for _, g := range p.short {
		if err := set(find(p.params, g.name).field(out.Experiment), g.values[0]); err != nil {
			return nil, fmt.Errorf("--%s: %w", g.name, err)
		}
	}
	if p.config == "" && len(p.original.given) == 0 && p.has("trace") && !p.has("workload") {
		out.Experiment.Workload = "replay"
	}
	return out, nil
}

// has reports whether a short flag is given.
func (p *parser) has(name string) bool {
	return slices.ContainsFunc(p.short, func(g given) bool { return g.name == name })
}

type parser struct {
	params        []Param
	flags         []Flag
	original      *originalConfig
	firstOriginal string
	config        string
	short         []given
}

func (p *parser) scan(args []string) error {
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		if arg == "-h" {
			arg = "--help"
		}
		name, value, inline := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		if !strings.HasPrefix(arg, "--") || name == "" {
			return fmt.Errorf("unexpected argument %q", arg)
		}
		if inline {
			args = append([]string{value}, args...)
		}
		rest, err := p.flag(name, inline, args)
		if err != nil {
			return err
		}
		args = rest
	}
	return nil
}

// flag takes one flag and returns the arguments behind its value.
func (p *parser) flag(name string, inline bool, args []string) ([]string, error) {
	if name == "config" {
		v, rest, err := one(name, inline, args)
		if err == nil && v == "" {
			err = errors.New("--config needs a value")
		}
		p.config = v
		return rest, err
	}
	for _, f := range p.flags {
		if f.Name == name {
			_, isBool := f.Value.(*bool)
			v, rest, err := value(name, isBool, inline, args)
			if err == nil {
				if err = set(f.Value, v); err != nil {
					err = fmt.Errorf("--%s: %w", name, err)
				}
			}
			return rest, err
		}
	}
	bare := strings.TrimPrefix(name, "no-")
	if param := find(p.params, name); param != nil || find(p.params, bare) != nil {
		return p.param(name, bare, inline, args)
	}
	return p.originalFlag(name, inline, args)
}

func (p *parser) param(name, bare string, inline bool, args []string) ([]string, error) {
	if find(p.params, name) == nil {
		if _, ok := find(p.params, bare).field(&Experiment{}).(*bool); !ok || inline {
			return nil, fmt.Errorf("--%s takes a value and has no --%s", bare, name)
		}
		p.short = append(p.short, given{bare, []string{"false"}})
		return args, nil
	}
	_, isBool := find(p.params, name).field(&Experiment{}).(*bool)
	v, rest, err := value(name, isBool, inline, args)
	p.short = append(p.short, given{name, []string{v}})
	return rest, err
}

func (p *parser) originalFlag(name string, inline bool, args []string) ([]string, error) {
	f, no, err := p.findOriginal(name)
	if err != nil {
		return nil, err
	}
	if p.firstOriginal == "" {
		p.firstOriginal = f.name
	}
	n := 1 // arguments that are its value
	switch {
	case f.kind == "b" && inline:
		return nil, fmt.Errorf("--%s takes no value; --no-%s is its opposite", f.name, f.name)
	case f.kind == "b":
		args = append([]string{strconv.FormatBool(!no)}, args...)
	case f.list() && !inline:
		for n = 0; n < len(args) && !strings.HasPrefix(args[n], "--"); n++ {
		}
	case len(args) == 0 || !inline && strings.HasPrefix(args[0], "--"):
		n = 0
	}
	if n == 0 {
		return nil, fmt.Errorf("--%s needs a value", f.name)
	}
	v, err := f.parse(args[:n])
	p.original.set(f.name, v)
	return args[n:], err
}

// findOriginal finds the flag of the original by its name or an unambiguous
// beginning of it; no is true for its --no- form. What begins a flag of ours is
// taken for a mistake instead.
func (p *parser) findOriginal(name string) (f originalFlag, no bool, err error) {
	ours := append(paramNames(p.params), "config")
	for _, f := range p.flags {
		ours = append(ours, f.Name)
	}
	var found, all []string
	var first originalFlag
	for _, f := range originalFlags() {
		all = append(all, f.name)
		for _, full := range f.forms() {
			if full == name {
				return f, full != f.name, nil
			}
			if strings.HasPrefix(full, name) {
				if len(found) == 0 {
					first = f
				}
				found = append(found, full)
			}
		}
	}
	begins := func(own string) bool { return strings.HasPrefix(own, name) }
	switch {
	case len(found) == 0 || len(name) <= 2 || slices.ContainsFunc(ours, begins):
		return f, false, fmt.Errorf("unknown flag --%s%s", name, nearby(name, append(ours, all...), "--"))
	case len(found) == 1:
		return first, found[0] != first.name, nil
	}
	return f, false, fmt.Errorf("--%s could be %s", name, several(found))
}

// several lists flags, the first few of many.
func several(names []string) string {
	const most = 4
	if more := len(names) - most; more > 1 {
		return "--" + strings.Join(names[:most], ", --") + fmt.Sprintf(" or one of %d others", more)
	}
	last := len(names) - 1
	return "--" + strings.Join(names[:last], ", --") + " or --" + names[last]
}

// value is the value of a flag; a bare bool is true.
func value(name string, isBool, inline bool, args []string) (string, []string, error) {
	if isBool && !inline {
		return "true", args, nil
	}
	return one(name, inline, args)
}

// one is the value of a flag that takes one; only an inline one begins with "--".
func one(name string, inline bool, args []string) (string, []string, error) {
	if len(args) == 0 || !inline && strings.HasPrefix(args[0], "--") {
		return "", args, fmt.Errorf("--%s needs a value", name)
	}
	return args[0], args[1:], nil
}

// Near returns at most limit of the names that somebody may have meant who wrote
// name: those that contain it or are contained in it, and those at most a third of
// its letters away; nearest first.
func Near(name string, names []string, limit int) []string { return near.Names(name, names, limit) }

// nearby is the end of a message that names what may have been meant.
func nearby(name string, names []string, prefix string) string {
	like := Near(name, names, 5)
	if len(like) == 0 {
		return ""
	}
	return "; near: " + prefix + strings.Join(like, ", "+prefix)
}

// Unknown is the error of a name that is none of names: it says which are near,
// or all of them.
func Unknown(what, name string, names []string) error {
	if like := nearby(name, names, ""); like != "" {
		return fmt.Errorf("unknown %s %q%s", what, name, like)
	}
	return fmt.Errorf("unknown %s %q; known: %s", what, name, strings.Join(names, ", "))
}
