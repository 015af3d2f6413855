package search

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/govidur/govidur/vidur/spec"
)

// parameter is a parameter of an experiment and the field that holds it.
type parameter struct {
	name  string
	field int
	kind  reflect.Kind
}

// findParameter finds a parameter by its name in spec; an underscore is as good
// as a hyphen.
func findParameter(name string) (parameter, error) {
	name = strings.ReplaceAll(name, "_", "-")
	var names []string
	for _, p := range spec.Params() {
		if p.Name == name {
			return newParameter(&p)
		}
		names = append(names, p.Name)
	}
	return parameter{}, spec.Unknown("parameter", name, names)
}

// newParameter finds the field of an experiment that a parameter sets: the one
// whose change it shows.
func newParameter(p *spec.Param) (parameter, error) {
	none := p.Show(&spec.Experiment{})
	for i := range reflect.TypeFor[spec.Experiment]().NumField() {
		var e spec.Experiment
		field := reflect.ValueOf(&e).Elem().Field(i)
		if change(field); p.Show(&e) != none {
			return parameter{p.Name, i, field.Kind()}, nil
		}
	}
	return parameter{}, fmt.Errorf("parameter %q has no field of its own", p.Name)
}

// parametersOf lists the parameters of some groups.
func parametersOf(groups ...string) []parameter {
	var list []parameter
	for _, p := range spec.Params() {
		if !slices.Contains(groups, p.Group) {
			continue
		}
		if param, err := newParameter(&p); err == nil {
			list = append(list, param)
		}
	}
	return list
}

// clear makes the parameter's field zero.
func (p *parameter) clear(e *spec.Experiment) { reflect.ValueOf(e).Elem().Field(p.field).SetZero() }

// change gives a field that is zero another value.
func change(field reflect.Value) {
	switch {
	case !field.CanSet():
	case field.CanInt():
		field.SetInt(1)
	case field.CanUint():
		field.SetUint(1)
	case field.CanFloat():
		field.SetFloat(1)
	case field.Kind() == reflect.Bool:
		field.SetBool(true)
	case field.Kind() == reflect.String:
		field.SetString("x")
	}
}

// step is the parameter at a value. Types are checked here, ranges by spec's
// own reader of flags.
func (p *parameter) step(value any) (step, error) {
	text, err := p.text(reflect.ValueOf(value))
	if err != nil {
		return step{}, err
	}
	parsed, err := spec.Parse([]string{"--" + p.name + "=" + text})
	if err != nil {
		return step{}, err
	}
	got := reflect.ValueOf(parsed.Experiment).Elem().Field(p.field)
	shown, err := coordinate(got.Interface())
	if err != nil {
		return step{}, fmt.Errorf("%s: %w", p.name, err)
	}
	set := func(e *spec.Experiment) error {
		reflect.ValueOf(e).Elem().Field(p.field).Set(got)
		return nil
	}
	return step{values: []any{shown}, experiment: []func(*spec.Experiment) error{set}}, nil
}

// text is a value as a flag has it, if it is of the parameter's type.
func (p *parameter) text(v reflect.Value) (string, error) {
	wants := "a string"
	switch p.kind {
	case reflect.String:
		if v.Kind() == reflect.String {
			return v.String(), nil
		}
	case reflect.Bool:
		if v.Kind() == reflect.Bool {
			return strconv.FormatBool(v.Bool()), nil
		}
		wants = "true or false"
	case reflect.Float64:
		if v.IsValid() && v.CanFloat() {
			return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits()), nil
		}
		wants = "a number"
		fallthrough
	default:
		if v.IsValid() && (v.CanInt() || v.CanUint()) {
			return fmt.Sprint(v.Interface()), nil
		}
		if p.kind != reflect.Float64 {
			wants = "a whole number"
		}
	}
	if !v.IsValid() {
		return "", fmt.Errorf("%s takes %s, not nil", p.name, wants)
	}
	return "", fmt.Errorf("%s takes %s, not %#v (%s)", p.name, wants, v.Interface(), v.Type())
}

// coordinate is a value as rows show it: string, int, float64 or bool.
func coordinate(value any) (any, error) {
	switch v := reflect.ValueOf(value); {
	case !v.IsValid():
	case v.CanInt():
		return int(v.Int()), nil
	case v.CanUint():
		if v.Uint() > math.MaxInt {
			return nil, fmt.Errorf("%d is too large; the most is %d", v.Uint(), math.MaxInt)
		}
		return int(v.Uint()), nil
	case v.CanFloat():
		if f := v.Float(); f-f == 0 {
			return f, nil
		}
	case v.Kind() == reflect.Bool:
		return v.Bool(), nil
	case v.Kind() == reflect.String:
		return v.String(), nil
	}
	return nil, fmt.Errorf("a value of an axis is a string, a finite number or a bool, not %v (%[1]T)", value)
}
