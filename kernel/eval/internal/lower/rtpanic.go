package lower

import (
	"fmt"
	"go/types"
	"reflect"
	"sort"
	"strings"
)

// runtimeError is a run-time error with the text that Go gives it.
type runtimeError string

func (e runtimeError) Error() string { return "runtime error: " + string(e) }

// RuntimeError makes it a runtime.Error.
func (runtimeError) RuntimeError() {}

// assertionError is a failed type assertion.
type assertionError string

func (e assertionError) Error() string { return string(e) }

// RuntimeError makes it a runtime.Error.
func (assertionError) RuntimeError() {}

// overflow ends a program that calls too deep.
type overflow struct{ limit int }

func (o overflow) Error() string {
	return fmt.Sprintf("stack overflow: recursion deeper than %d calls", o.limit)
}

// RuntimeError makes it a runtime.Error.
func (overflow) RuntimeError() {}

// unsupported is what is found to be refused only when it runs. It cannot be
// recovered: the program must not go on with another result.
func unsupported(what string) error { return &Refused{Construct: what} }

func nilDereference() error {
	return runtimeError("invalid memory address or nil pointer dereference")
}

// nilMethod is the panic of a value method that an interface calls by way of a
// nil pointer.
func nilMethod(typ, method string) {
	panic(assertionError("value method " + typ + "." + method + " called using nil *" + typ[strings.LastIndexByte(typ, '.')+1:] + " pointer"))
}

// Explain gives a panic of the interpreter's own reflection the text that Go
// has for it; other values are returned as they are. The numbers of an index
// are known only to programs that recover.
func Explain(v any) any {
	switch e := v.(type) {
	case *reflect.ValueError:
		if e.Kind == reflect.Invalid {
			return nilDereference()
		}
	case string:
		switch {
		case strings.HasPrefix(e, "reflect: slice index out of range"), strings.HasPrefix(e, "reflect: string index out of range"),
			strings.HasPrefix(e, "reflect: array index out of range"):
			return runtimeError("index out of range")
		case strings.HasPrefix(e, "reflect.Value.Slice"), strings.HasPrefix(e, "reflect.Value.Slice3"):
			return runtimeError("slice bounds out of range")
		case e == "reflect: call of nil function", strings.HasPrefix(e, "reflect: call of reflect.Value.") && strings.HasSuffix(e, "on zero Value"),
			strings.HasPrefix(e, "reflect.Value.Call: call of nil function"), strings.HasPrefix(e, "reflect: nil pointer dereference"):
			return nilDereference()
		case strings.HasPrefix(e, "reflect.MakeSlice: negative len"):
			return runtimeError("makeslice: len out of range")
		case strings.HasPrefix(e, "reflect.Append: slice overflow"), strings.HasPrefix(e, "reflect.Value.Grow: slice overflow"), strings.HasPrefix(e, "reflect.Value.Grow"):
			return runtimeError("growslice: len out of range")
		}
	case error:
		if strings.HasPrefix(e.Error(), "reflect: call of") {
			return nilDereference()
		}
	}
	return v
}

// assertionError is what Go panics with when v.(t) fails.
func (r *Runtime) assertionError(t, from *Type, v any) error {
	iface, isIface := t.typ.Underlying().(*types.Interface)
	want := typeString(t.typ)
	source := typeString(from.typ)
	if source == "any" {
		source = "interface {}"
	}
	if v == nil {
		if isIface {
			return assertionError("interface conversion: interface is nil, not " + want)
		}
		return assertionError("interface conversion: " + source + " is nil, not " + want)
	}
	have := dynamicName(v)
	if !isIface && have == want {
		return assertionError("interface conversion: " + source + " is " + have + ", not " + want + " (types from different scopes)")
	}
	if !isIface {
		return assertionError("interface conversion: " + source + " is " + have + ", not " + want)
	}
	return assertionError("interface conversion: " + have + " is not " + want + ": missing method " + r.missing(v, iface))
}

func dynamicName(v any) string {
	if o, ok := object(v); ok {
		return o.T.String()
	}
	return reflect.TypeOf(v).String()
}

func (r *Runtime) missing(v any, iface *types.Interface) string {
	var names []string
	for i := range iface.NumMethods() {
		name := iface.Method(i).Name()
		if o, ok := object(v); ok {
			one := types.NewInterfaceType([]*types.Func{iface.Method(i)}, nil)
			if !types.Implements(o.T.typ, one.Complete()) {
				names = append(names, name)
			}
		} else if !reflect.ValueOf(v).MethodByName(name).IsValid() {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	if len(names) == 0 {
		return ""
	}
	return names[0]
}
