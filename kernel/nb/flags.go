package nb

import (
	"flag"
	"fmt"
	"reflect"
	"strings"

	"github.com/govidur/govidur/vidur/spec"
)

// reader reads flags.
type reader struct {
	fields []field
	args   []string
	set    map[int]reflect.Value // by the index of the field
	rest   []string
}

// store puts what was read into the struct.
func (r *reader) store(v reflect.Value) {
	for i, value := range r.set {
		v.Field(i).Set(value)
	}
}

func (r *reader) read() error {
	for len(r.args) > 0 {
		arg := r.args[0]
		r.args = r.args[1:]
		if arg == "--" {
			r.rest = append(r.rest, r.args...)
			return nil
		}
		if !isFlag(arg) {
			r.rest = append(r.rest, arg)
			continue
		}
		if err := r.flag(arg); err != nil {
			return err
		}
	}
	return nil
}

// isFlag reports whether an argument is a flag: neither -, nor a negative number.
func isFlag(arg string) bool {
	return len(arg) > 1 && arg[0] == '-' && arg[1] != '.' && (arg[1] < '0' || arg[1] > '9')
}

// flag reads one flag and its value.
func (r *reader) flag(arg string) error {
	name, value, given := strings.Cut(strings.TrimPrefix(arg[1:], "-"), "=")
	f, ok := find(r.fields, name)
	switch {
	case ok && f.kind == "bool" && !f.list:
		if !given {
			return r.yes(f, arg)
		}
		return r.assign(f, arg[:len(arg)-len(value)-1], value)
	case ok && given:
		return r.assign(f, arg[:len(arg)-len(value)-1], value)
	case ok:
		return r.next(f, arg)
	case name == "h" || name == "help":
		return flag.ErrHelp
	}
	if positive, found := strings.CutPrefix(canonical(name), "no_"); found {
		if f, ok := find(r.fields, positive); ok && f.kind == "bool" && !f.list {
			if given {
				return &ParamError{Name: f.name, Msg: fmt.Sprintf("--no-%s takes no value", dashed(f.name))}
			}
			return r.assign(f, arg, "false")
		}
	}
	return &ParamError{Name: name, Msg: fmt.Sprintf("there is no flag --%s%s", name, suggest(name, "--", r.fields))}
}

// yes sets a bool that has no value. The word after it is refused where it looks
// like one, because it would be left over silently.
func (r *reader) yes(f field, arg string) error {
	if len(r.args) > 0 && (r.args[0] == "true" || r.args[0] == "false") {
		return &ParamError{Name: f.name, Msg: fmt.Sprintf("%s %s: write %s=%s", arg, r.args[0], arg, r.args[0])}
	}
	return r.assign(f, arg, "true")
}

// next sets a flag to the argument after it.
func (r *reader) next(f field, arg string) error {
	if len(r.args) == 0 {
		return &ParamError{Name: f.name, Msg: fmt.Sprintf("%s needs a value, %s", arg, article(f))}
	}
	value := r.args[0]
	if len(value) > 2 && strings.HasPrefix(value, "--") {
		return &ParamError{Name: f.name, Msg: fmt.Sprintf("%s needs a value; if it is %q, write %s=%s", arg, value, arg, value)}
	}
	r.args = r.args[1:]
	return r.assign(f, arg, value)
}

func (r *reader) assign(f field, flag, text string) error {
	if _, ok := r.set[f.index]; ok {
		return &ParamError{Name: f.name, Msg: fmt.Sprintf("%s is given twice", flag)}
	}
	v, err := parse(f.value.Type(), text)
	if err != nil {
		return &ParamError{Name: f.name, Msg: fmt.Sprintf("%s: %v", flag, err)}
	}
	r.set[f.index] = v
	return nil
}

// article describes the values of a parameter.
func article(f field) string {
	what := map[string]string{"int": "an int", "uint": "an int of at least 0"}[f.kind]
	if what == "" {
		what = "a " + f.kind
	}
	if f.list {
		return strings.TrimPrefix(strings.TrimPrefix(what, "an "), "a ") + "s separated by commas"
	}
	return what
}

// suggest is the end of a message about an unknown name.
func suggest(name, dashes string, list []field) string {
	if len(list) == 0 {
		return "; there are no parameters"
	}
	if like := spec.Near(canonical(name), namesOf(list), 1); len(like) > 0 {
		return "; did you mean " + dashes + like[0] + "?"
	}
	return "; there are " + dashes + strings.Join(namesOf(list), ", "+dashes)
}

func dashed(name string) string { return strings.ReplaceAll(name, "_", "-") }
