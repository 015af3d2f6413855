package nb

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// Param is one parameter of a struct. Default and Value have the form that flags
// take: lists separated by commas, durations with their unit.
type Param struct {
	Name    string // snake case, such as prefill_batch
	Type    string // bool, int, uint, float, string or duration, with [] before it for a list
	Default string // before Params read into the struct; else the same as Value
	Value   string
	Usage   string // from the tag usage; "" without one
	Unit    string // from the tag unit; "" without one
}

// ParamError says what is wrong with parameters: those a user gave, or the
// struct.
type ParamError struct {
	Name string // of the parameter; "" if there is none
	Msg  string // one line
}

// Error is the message, in one line whatever was typed.
func (e *ParamError) Error() string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, e.Msg)
}

// Params reads the parameters of a script or notebook into the struct that p
// points to, whose values are the defaults. Every exported field is a flag:
//
//	p := struct {
//		QPS   float64   `unit:"requests/s" usage:"offered load"`   // --qps 4
//		Chunk []int     `name:"chunks"`                            // --chunks 256,512
//		Full  bool                                                 // --full, --no-full, --full=false
//		SLO   time.Duration                                        // --slo 200ms
//	}{QPS: 4}
//
// Names are the fields' in snake case, or given by the tag name; dashes may be
// written for underscores, and one dash for two. Fields are bools, integers,
// floats, strings, time.Durations and slices of these. Arguments that are no
// flags, and all after --, are left over for [Args].
//
// --help prints the flags with their defaults to standard output and ends with
// status 0. A wrong flag is a line on standard error and status 2. In a notebook
// the parameters are those that were injected, and a wrong one is the error of
// the cell. A script calls Params once.
func Params(p any) {
	h, _ := host()
	defaults, err := ParamsTable(p)
	var rest []string
	switch {
	case err != nil:
	case injected(h) != nil:
		err = inject(p, injected(h))
	default:
		args := h.Args
		if args == nil {
			args = os.Args[min(1, len(os.Args)):]
		}
		rest, err = ParseParams(p, args)
	}
	if errors.Is(err, flag.ErrHelp) {
		io.WriteString(h.stdout(), help(p))
		exit(0)
	}
	if err != nil {
		fail(err, exitParams)
	}
	state.Lock()
	defer state.Unlock()
	state.args, state.params, state.defaults = rest, p, nil
	for _, d := range defaults {
		state.defaults = append(state.defaults, d.Value)
	}
}

// Inject gives the calls of [Params] that follow the parameters by name, in the form
// that flags have, in place of arguments. It is what vidur nb run -p puts before the
// cell of a notebook that calls Params, so that the notebook it writes says by itself
// with which parameters it was run.
func Inject(params map[string]string) {
	given := maps.Clone(params)
	if given == nil {
		given = map[string]string{}
	}
	state.Lock()
	defer state.Unlock()
	state.injected = given
}

// injected are the parameters that are given by name, nil if there are none.
func injected(h *Host) map[string]string {
	state.Lock()
	defer state.Unlock()
	if state.injected != nil {
		return state.injected
	}
	return h.Params
}

// Args are the arguments that the last [Params] left over, in their order.
func Args() []string {
	state.Lock()
	defer state.Unlock()
	return slices.Clone(state.args)
}

// ParseParams reads flags from args into the struct that p points to, as
// [Params] says, and returns the arguments that are none. The struct is changed
// only if there is no error. An error is a *ParamError, or flag.ErrHelp if -h or
// --help is among args.
func ParseParams(p any, args []string) (rest []string, err error) {
	v, list, err := fieldsOf(p)
	if err != nil {
		return nil, err
	}
	r := reader{fields: list, set: map[int]reflect.Value{}, args: args}
	if err := r.read(); err != nil {
		return nil, err
	}
	r.store(v)
	return r.rest, nil
}

// inject sets parameters by name.
func inject(p any, params map[string]string) error {
	v, list, err := fieldsOf(p)
	if err != nil {
		return err
	}
	r := reader{fields: list, set: map[int]reflect.Value{}}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		f, ok := find(list, name)
		if !ok {
			return &ParamError{Name: name, Msg: fmt.Sprintf("there is no parameter %s%s", name, suggest(name, "", list))}
		}
		if err := r.assign(f, f.name, params[name]); err != nil {
			return err
		}
	}
	r.store(v)
	return nil
}

// ParamsTable lists the parameters of the struct that p points to, in the order
// of its fields. The error is a *ParamError if p is no such pointer or a field
// cannot be a parameter.
func ParamsTable(p any) ([]Param, error) {
	_, list, err := fieldsOf(p)
	if err != nil {
		return nil, err
	}
	state.Lock()
	defer state.Unlock()
	known := state.params != nil && samePointer(state.params, p) && len(state.defaults) == len(list)
	table := make([]Param, len(list))
	for i, f := range list {
		value := format(f.value)
		table[i] = Param{Name: f.name, Type: f.typeName(), Default: value, Value: value, Usage: f.usage, Unit: f.unit}
		if known {
			table[i].Default = state.defaults[i]
		}
	}
	return table, nil
}

func samePointer(a, b any) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	return x.Type() == y.Type() && x.Pointer() == y.Pointer()
}

func (f field) typeName() string {
	if f.list {
		return "[]" + f.kind
	}
	return f.kind
}
