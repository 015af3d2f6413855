package lower

import (
	"fmt"
	"go/types"
	"strconv"
	"strings"
)

// typeString is a type as reflect prints it: predeclared aliases by what they
// stand for, type arguments without spaces, and no version marks in names.
func typeString(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return types.Typ[t.Kind()].Name()
	case *types.Named:
		return namedString(t)
	case *types.Pointer:
		return "*" + typeString(t.Elem())
	case *types.Slice:
		return "[]" + typeString(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), typeString(t.Elem()))
	case *types.Map:
		return "map[" + typeString(t.Key()) + "]" + typeString(t.Elem())
	case *types.Chan:
		return chanString(t)
	case *types.Signature:
		return "func" + signatureText(t)
	case *types.Struct:
		return structString(t)
	case *types.Interface:
		return interfaceString(t)
	}
	return t.String()
}

func chanString(t *types.Chan) string {
	elem := typeString(t.Elem())
	if c, ok := types.Unalias(t.Elem()).(*types.Chan); ok && c.Dir() == types.RecvOnly && t.Dir() != types.RecvOnly {
		elem = "(" + elem + ")"
	}
	return [...]string{"chan ", "chan<- ", "<-chan "}[t.Dir()] + elem
}

func namedString(t *types.Named) string {
	name := stripVersions(t.Obj().Name())
	if p := t.Obj().Pkg(); p != nil {
		name = p.Name() + "." + name
	}
	if t.TypeArgs().Len() == 0 {
		return name
	}
	args := make([]string, t.TypeArgs().Len())
	for i := range args {
		args[i] = typeString(t.TypeArgs().At(i))
	}
	return name + "[" + strings.Join(args, ",") + "]"
}

// signatureText is parameters and results.
func signatureText(s *types.Signature) string {
	list := func(tup *types.Tuple, variadic bool) string {
		parts := make([]string, tup.Len())
		for i := range parts {
			parts[i] = typeString(tup.At(i).Type())
			if variadic && i == len(parts)-1 {
				parts[i] = "..." + strings.TrimPrefix(parts[i], "[]")
			}
		}
		return strings.Join(parts, ", ")
	}
	text := "(" + list(s.Params(), s.Variadic()) + ")"
	switch s.Results().Len() {
	case 0:
		return text
	case 1:
		return text + " " + list(s.Results(), false)
	}
	return text + " (" + list(s.Results(), false) + ")"
}

func structString(t *types.Struct) string {
	if t.NumFields() == 0 {
		return "struct {}"
	}
	fields := make([]string, t.NumFields())
	for i := range fields {
		f := t.Field(i)
		fields[i] = typeString(f.Type())
		if !f.Embedded() {
			fields[i] = f.Name() + " " + fields[i]
		}
		if t.Tag(i) != "" {
			fields[i] += " " + strconv.Quote(t.Tag(i))
		}
	}
	return "struct { " + strings.Join(fields, "; ") + " }"
}

func interfaceString(t *types.Interface) string {
	if t.NumMethods() == 0 {
		return "interface {}"
	}
	methods := make([]string, t.NumMethods())
	for i := range methods {
		m := t.Method(i)
		name := m.Name()
		if !m.Exported() && m.Pkg() != nil {
			name = m.Pkg().Name() + "." + name
		}
		methods[i] = name + signatureText(m.Signature())
	}
	return "interface { " + strings.Join(methods, "; ") + " }"
}

// stripVersions takes the version marks of the session out of a name.
func stripVersions(s string) string {
	name, _, _ := strings.Cut(s, "ʹ")
	return name
}
