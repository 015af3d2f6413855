package nb

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// control sets a field.
type control struct {
	kind    string // of ipywidgets
	key     string // of the state that the user changes
	field   field
	index   int // among the fields
	choices []string
	model   *model
}

// bounds are the range of a slider.
type bounds struct{ min, max, step float64 }

// defaultSteps is how many steps of a float a slider has.
const defaultSteps = 100

// newControl makes the control of a field whose tags are right.
func newControl(f field, index int) *control {
	c := &control{kind: "Text", key: "value", field: f, index: index}
	more := map[string]any{}
	limits, sliding, _ := f.bounds()
	choices := f.choices()
	switch number := float(f.value); {
	case choices != nil:
		c.kind, c.key, c.choices = "Dropdown", "index", choices
		more["_options_labels"], more["index"] = choices, slices.Index(choices, format(f.value))
	case sliding && f.kind == "float":
		c.kind = "FloatSlider"
		more["value"], more["min"], more["max"], more["step"] = number, limits.min, limits.max, limits.step
		more["readout_format"] = fmt.Sprintf(".%df", decimals(limits.step))
	case sliding:
		c.kind = "IntSlider"
		more["value"], more["min"], more["max"], more["step"] = number, limits.min, limits.max, limits.step
	case f.list || f.kind == "string" || f.kind == "duration":
		more["value"], more["continuous_update"] = format(f.value), false
	case f.kind == "bool":
		c.kind = "Checkbox"
		more["value"] = f.value.Bool()
	case f.kind == "float":
		c.kind = "FloatText"
		more["value"] = number
	default:
		c.kind = "IntText"
		more["value"] = number
	}
	c.model = newModel(c.kind, false)
	c.model.control = c
	for name, x := range more {
		c.model.state[name] = x
	}
	c.model.state["description"] = f.label()
	if f.usage != "" {
		c.model.state["tooltip"] = f.usage
	}
	return c
}

// label is what stands before a control.
func (f field) label() string {
	if f.unit == "" {
		return f.name
	}
	return f.name + " (" + f.unit + ")"
}

// float is a number as the front end has it: it is exact up to 2^53.
func float(v reflect.Value) float64 {
	switch {
	case v.CanInt():
		return float64(v.Int())
	case v.CanUint():
		return float64(v.Uint())
	case v.CanFloat():
		return v.Float()
	}
	return 0
}

// decimals is how many digits after the point a step has, 6 at most.
func decimals(step float64) int {
	_, after, _ := strings.Cut(strconv.FormatFloat(step, 'f', -1, 64), ".")
	return min(len(after), 6)
}

// parse reads the value that the front end gives, and checks it.
func (c *control) parse(given any) (reflect.Value, error) {
	text := ""
	switch x := given.(type) {
	case string:
		text = x
	case bool:
		text = strconv.FormatBool(x)
	case json.Number:
		text = x.String()
	}
	if c.kind == "Dropdown" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n >= len(c.choices) {
			return reflect.Value{}, c.field.wrong("nothing is chosen")
		}
		text = c.choices[n]
	}
	v, err := parse(c.field.value.Type(), text)
	if err != nil {
		return v, c.field.wrong("%s", err)
	}
	return v, c.field.within(v)
}

func (f field) wrong(format string, args ...any) error {
	return &ParamError{Name: f.name, Msg: f.name + ": " + fmt.Sprintf(format, args...)}
}

// within says whether a value is in its range.
func (f field) within(v reflect.Value) error {
	b, ok, err := f.bounds()
	if x := float(v); err == nil && ok && !(x >= b.min && x <= b.max) {
		return f.wrong("%s is not between %v and %v", format(v), b.min, b.max)
	}
	return err
}

// choices are the values of a menu, in the form that flags have; nil without one.
func (f field) choices() []string {
	if f.tag.Get("choices") == "" {
		return nil
	}
	list := strings.Split(f.tag.Get("choices"), ",")
	for i, c := range list {
		list[i] = strings.TrimSpace(c)
	}
	return list
}

// bounds reads the tags of a slider; ok is false without them.
func (f field) bounds() (b bounds, ok bool, err error) {
	least, hasLeast := f.tag.Lookup("min")
	most, hasMost := f.tag.Lookup("max")
	step, hasStep := f.tag.Lookup("step")
	switch {
	case !hasLeast && !hasMost && !hasStep:
		return b, false, nil
	case !hasLeast || !hasMost:
		return b, false, f.wrong("a slider has both min and max")
	case f.list || f.kind != "int" && f.kind != "uint" && f.kind != "float":
		return b, false, f.wrong("min and max are for numbers")
	}
	if b.min, err = f.bound(least); err != nil {
		return b, false, err
	}
	if b.max, err = f.bound(most); err != nil {
		return b, false, err
	}
	switch {
	case hasStep:
		b.step, err = f.bound(step)
	case f.kind == "float":
		b.step = (b.max - b.min) / defaultSteps
	default:
		b.step = 1
	}
	if err == nil && (b.min >= b.max || b.step <= 0) {
		err = f.wrong("a slider from %v to %v in steps of %v", b.min, b.max, b.step)
	}
	return b, err == nil, err
}

// bound reads a number of a tag: a whole one for integers.
func (f field) bound(text string) (float64, error) {
	x, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || math.IsInf(x, 0) || math.IsNaN(x) || f.kind != "float" && (x != math.Trunc(x) || math.Abs(x) > 1<<53) {
		return 0, f.wrong("%q is no bound of a slider", text)
	}
	return x, nil
}

// checkControls says what is wrong with the tags and values of parameters.
func checkControls(v reflect.Value, list []field) error {
	if len(list) == 0 {
		return &ParamError{Msg: "there are no parameters to interact with"}
	}
	for _, f := range list {
		if err := f.within(f.value); err != nil {
			return err
		}
		choices := f.choices()
		for _, c := range choices {
			if x, err := parse(f.value.Type(), c); err != nil || format(x) != c {
				return f.wrong("%q in its choices is no %s", c, f.typeName())
			}
		}
		if choices != nil && !slices.Contains(choices, format(f.value)) {
			return f.wrong("%s is not among its choices %s", format(f.value), strings.Join(choices, ", "))
		}
	}
	return nil
}
