package search

import (
	"fmt"
	"math"
	"reflect"
	"strconv"

	"github.com/govidur/govidur/vidur/spec"
)

// atValue is a parameter at a value. Types are checked here, ranges by spec.
func atValue(p *spec.Param, value any) (step, error) {
	text, err := parameterText(p, reflect.ValueOf(value))
	if err != nil {
		return step{}, err
	}
	set := func(e *spec.Experiment) error { return p.Set(e, text) }
	var e spec.Experiment
	if err := set(&e); err != nil {
		return step{}, err
	}
	shown, err := coordinate(reflect.ValueOf(p.Field(&e)).Elem().Interface())
	if err != nil {
		return step{}, fmt.Errorf("%s: %w", p.Name, err)
	}
	return step{values: []any{shown}, experiment: []func(*spec.Experiment) error{set}}, nil
}

// parameterText is a value as a flag has it, if it is of the parameter's type.
func parameterText(p *spec.Param, v reflect.Value) (string, error) {
	wants := "a string"
	kind := reflect.TypeOf(p.Field(&spec.Experiment{})).Elem().Kind()
	switch kind {
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
		if kind != reflect.Float64 {
			wants = "a whole number"
		}
	}
	if !v.IsValid() {
		return "", fmt.Errorf("%s takes %s, not nil", p.Name, wants)
	}
	return "", fmt.Errorf("%s takes %s, not %#v (%s)", p.Name, wants, v.Interface(), v.Type())
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
