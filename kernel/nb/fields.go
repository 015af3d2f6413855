package nb

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// field is a parameter: a field of a struct.
type field struct {
	name, usage, unit string
	tag               reflect.StructTag
	kind              string
	list              bool
	value             reflect.Value // the field of the struct it was made from
	index             int
}

// hidden reports whether a field is none of the script's exported ones. Our
// interpreter makes structs with exported fields only, and writes F_ before the
// name of an unexported one.
func hidden(f reflect.StructField) bool { return !f.IsExported() || strings.HasPrefix(f.Name, "F_") }

// fieldsOf is the struct that p points to and its parameters in order.
func fieldsOf(p any) (reflect.Value, []field, error) {
	v := reflect.ValueOf(p)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return v, nil, &ParamError{Msg: fmt.Sprintf("parameters must be a pointer to a struct, not %s", typeName(p))}
	}
	v = v.Elem()
	var list []field
	for i := range v.NumField() {
		sf := v.Type().Field(i)
		if hidden(sf) {
			continue
		}
		f, err := newField(sf, v.Field(i))
		if err != nil {
			return v, nil, err
		}
		f.index = i
		if j := slices.IndexFunc(list, func(o field) bool { return canonical(o.name) == canonical(f.name) }); j >= 0 {
			other := v.Type().Field(list[j].index).Name
			return v, nil, &ParamError{Name: f.name, Msg: fmt.Sprintf("fields %s and %s have the same name %q", other, sf.Name, f.name)}
		}
		list = append(list, f)
	}
	return v, list, nil
}

func newField(sf reflect.StructField, v reflect.Value) (field, error) {
	f := field{name: sf.Tag.Get("name"), usage: sf.Tag.Get("usage"), unit: sf.Tag.Get("unit"), tag: sf.Tag, value: v}
	if f.name == "" {
		f.name = snake(sf.Name)
	}
	var ok bool
	f.kind, f.list, ok = kindOf(sf.Type)
	switch {
	case !ok:
		return f, &ParamError{Name: f.name, Msg: fmt.Sprintf(
			"field %s cannot be a parameter: it is of kind %s, not a bool, number, string, time.Duration or slice of these", sf.Name, sf.Type.Kind())}
	case !wellNamed(canonical(f.name)):
		return f, &ParamError{Name: f.name, Msg: fmt.Sprintf("field %s: %q is no name for a flag", sf.Name, f.name)}
	case f.name == "help":
		return f, &ParamError{Name: f.name, Msg: fmt.Sprintf("field %s: --help prints the parameters", sf.Name)}
	}
	return f, nil
}

func typeName(v any) string {
	if v == nil {
		return "nil"
	}
	return reflect.TypeOf(v).Kind().String()
}

// find is the field of a name, whose dashes may be underscores.
func find(list []field, name string) (field, bool) {
	i := slices.IndexFunc(list, func(f field) bool { return canonical(f.name) == canonical(name) })
	if i < 0 {
		return field{}, false
	}
	return list[i], true
}

func namesOf(list []field) []string {
	names := make([]string, len(list))
	for i, f := range list {
		names[i] = f.name
	}
	return names
}
