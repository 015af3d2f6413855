package spec

import (
	"fmt"
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
	return out, nil
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
		v, rest, err := one(name, args)
		p.config = v
		return rest, err
	}
	for _, f := range p.flags {
		if f.Name == name {
			_, isBool := f.Value.(*bool)
			v, rest, err := value(name, isBool, inline, args)
			if err == nil {
				err = set(f.Value, v)
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
	var v string
	switch {
	case no && inline:
		return nil, fmt.Errorf("--%s takes no value", name)
	case no:
		v = "false"
	case f.kind == "b" && !inline:
		v = "true"
	case f.list():
		n := 0
		for n < len(args) && !strings.HasPrefix(args[n], "--") {
			n++
		}
		if n == 0 {
			return nil, fmt.Errorf("--%s needs a value", f.name)
		}
		v, args = strings.Join(args[:n], ","), args[n:]
	default:
		if v, args, err = one(f.name, args); err != nil {
			return nil, err
		}
	}
	if err := f.check(v); err != nil {
		return nil, err
	}
	p.original.set(f.name, v)
	return args, nil
}

// findOriginal finds the flag of the original by its name or an unambiguous
// beginning of it; no is true for its --no- form.
func (p *parser) findOriginal(name string) (f originalFlag, no bool, err error) {
	type match struct {
		flag originalFlag
		no   bool
	}
	var found []match
	names := append(paramNames(p.params), "config")
	for _, f := range originalFlags() {
		names = append(names, f.name)
		for _, no := range []bool{false, true} {
			full := f.name
			if no {
				if f.kind != "b" {
					continue
				}
				full = "no-" + full
			}
			if full == name {
				return f, no, nil
			}
			if strings.HasPrefix(full, name) {
				found = append(found, match{f, no})
			}
		}
	}
	if len(found) == 1 && len(name) > 2 {
		return found[0].flag, found[0].no, nil
	}
	if len(found) > 1 && strings.Contains(name, "_") {
		return f, false, fmt.Errorf("--%s could be --%s or --%s", name, found[0].flag.name, found[1].flag.name)
	}
	for _, f := range p.flags {
		names = append(names, f.Name)
	}
	return f, false, fmt.Errorf("unknown flag --%s%s", name, dashes(name, names))
}

// value is the value of a flag; a bare bool is true.
func value(name string, isBool, inline bool, args []string) (string, []string, error) {
	if isBool && !inline {
		return "true", args, nil
	}
	return one(name, args)
}

func one(name string, args []string) (string, []string, error) {
	if len(args) == 0 || strings.HasPrefix(args[0], "--") {
		return "", args, fmt.Errorf("--%s needs a value", name)
	}
	return args[0], args[1:], nil
}

// nearby is the end of a message that names what may have been meant.
func nearby(name string, names []string, prefix string) string {
	like := near.Names(name, names, 5)
	if len(like) == 0 {
		return ""
	}
	return "; near: " + prefix + strings.Join(like, ", "+prefix)
}

func dashes(name string, names []string) string { return nearby(name, names, "--") }

// Unknown is the error of a name that is none of names: it says which are near,
// or all of them.
func Unknown(what, name string, names []string) error {
	if like := nearby(name, names, ""); like != "" {
		return fmt.Errorf("unknown %s %q%s", what, name, like)
	}
	return fmt.Errorf("unknown %s %q; there are %s", what, name, strings.Join(names, ", "))
}
