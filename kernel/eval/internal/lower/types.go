package lower

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"
)

// A type of the user's program is represented in the interpreter by a simpler
// one: named types that are not structs by what they stand for, interfaces that
// the user wrote by any, structs by declarations whose fields are all exported.
// Methods are functions; what a value in an interface is, is said by the number
// of its type, which travels with it (see Runtime).

// rep is the representation of t as Go text.
func (l *Lowerer) rep(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return l.basic(t)
	case *types.Named:
		return l.namedRep(t)
	case *types.Pointer:
		return "*" + l.rep(t.Elem())
	case *types.Slice:
		return "[]" + l.rep(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), l.rep(t.Elem()))
	case *types.Map:
		return "map[" + l.rep(t.Key()) + "]" + l.rep(t.Elem())
	case *types.Chan:
		return [...]string{"chan (", "chan<- (", "<-chan ("}[t.Dir()] + l.rep(t.Elem()) + ")"
	case *types.Signature:
		return "func" + l.signature(t)
	case *types.Struct:
		return l.structRep(t, "struct")
	case *types.Interface:
		return "interface{}"
	case *types.TypeParam:
		refuse(token.NoPos, "a type declared in a generic function", "")
	}
	refuse(token.NoPos, "the type "+t.String(), "")
	return ""
}

func (l *Lowerer) basic(t *types.Basic) string {
	switch t.Kind() {
	case types.UnsafePointer:
		refuse(token.NoPos, "unsafe.Pointer", "")
	case types.UntypedNil:
		return "interface{}"
	}
	return types.Default(t).(*types.Basic).Name()
}

// own reports whether the object is the user's or the prelude's.
func (l *Lowerer) own(o types.Object) bool {
	if o.Pkg() == nil {
		return false
	}
	if o.Pkg() == l.pkg || o.Pkg().Path() == "main" {
		return true
	}
	for _, p := range l.prelude {
		if p.pkg == o.Pkg() {
			return true
		}
	}
	return false
}

func (l *Lowerer) namedRep(t *types.Named) string {
	o := t.Obj()
	if !l.own(o) {
		if i, ok := t.Underlying().(*types.Interface); ok && i.NumMethods() == 0 {
			return "interface{}"
		}
		if o.Pkg() == nil {
			return o.Name()
		}
		if t.TypeArgs().Len() > 0 {
			if _, ok := t.Underlying().(*types.Struct); !ok {
				return l.rep(t.Underlying())
			}
			refuse(token.NoPos, "the generic type "+o.Pkg().Name()+"."+o.Name(), "")
		}
		if !o.Exported() {
			refuse(token.NoPos, "the hidden type "+o.Pkg().Name()+"."+o.Name(), "")
		}
		return l.imported(o.Pkg().Path()) + "." + o.Name()
	}
	if _, ok := t.Underlying().(*types.Struct); ok {
		return l.structRep(t, o.Name())
	}
	if l.cyclic(t) {
		refuse(o.Pos(), "the recursive type "+o.Name(), "only structs refer to themselves")
	}
	return l.rep(t.Underlying())
}

// cyclic reports whether a type that is not a struct refers to itself other
// than through a struct.
func (l *Lowerer) cyclic(start *types.Named) bool {
	seen := map[types.Type]bool{}
	var visit func(t types.Type) bool
	visit = func(t types.Type) bool {
		switch t := types.Unalias(t).(type) {
		case *types.Named:
			if seen[t] {
				return types.Identical(t, start)
			}
			seen[t] = true
			switch t.Underlying().(type) {
			case *types.Struct, *types.Interface:
				return false
			}
			return visit(t.Underlying())
		case *types.Pointer:
			return visit(t.Elem())
		case *types.Slice:
			return visit(t.Elem())
		case *types.Array:
			return visit(t.Elem())
		case *types.Chan:
			return visit(t.Elem())
		case *types.Map:
			return visit(t.Key()) || visit(t.Elem())
		case *types.Signature:
			for _, tup := range []*types.Tuple{t.Params(), t.Results()} {
				for v := range tup.Variables() {
					if visit(v.Type()) {
						return true
					}
				}
			}
		}
		return false
	}
	return visit(start)
}

// structRep declares the representation of a struct type once.
func (l *Lowerer) structRep(t types.Type, base string) string {
	if n := l.reps.At(t); n != nil {
		return n.(string)
	}
	name := l.fresh(base)
	l.reps.Set(t, name)
	s := t.Underlying().(*types.Struct)
	var b strings.Builder
	fmt.Fprintf(&b, "type %s struct {\n", name)
	for i := range s.NumFields() {
		tag := ""
		if s.Tag(i) != "" && s.Field(i).Exported() {
			tag = fmt.Sprintf(" %q", s.Tag(i))
		}
		rep := "interface{}"
		if !l.hidden(t, i) {
			rep = l.rep(s.Field(i).Type())
		}
		fmt.Fprintf(&b, "\t%s %s%s\n", fieldName(s, i), rep, tag)
	}
	b.WriteString("}\n\n")
	l.file.types.WriteString(b.String())
	return name
}

// fieldName is the name of a field in the representation.
func fieldName(s *types.Struct, i int) string {
	f := s.Field(i)
	switch {
	case f.Name() == "_":
		return fmt.Sprintf("Blank_%d", i)
	case f.Exported():
		return f.Name()
	}
	return "F_" + f.Name()
}

// signature is the text of parameters and results; variadic parameters are slices.
func (l *Lowerer) signature(s *types.Signature) string {
	params := make([]string, s.Params().Len())
	for i := range params {
		params[i] = l.rep(s.Params().At(i).Type())
	}
	return "(" + strings.Join(params, ", ") + ")" + l.results(s)
}

func (l *Lowerer) results(s *types.Signature) string {
	list := make([]string, s.Results().Len())
	for i := range list {
		list[i] = l.rep(s.Results().At(i).Type())
	}
	switch len(list) {
	case 0:
		return ""
	case 1:
		return " " + list[0]
	}
	return " (" + strings.Join(list, ", ") + ")"
}

// index is the number of a type in the Runtime.
func (l *Lowerer) index(t types.Type) int {
	if i := l.indexes.At(t); i != nil {
		return i.(int)
	}
	i := l.rt.add(t)
	l.indexes.Set(t, i)
	if !types.IsInterface(t) {
		l.file.early = append(l.file.early, fmt.Sprintf("\t%s(%d, new(%s))", l.rtf("Type"), i, l.rep(t)))
	} else if l.native(t) {
		l.file.early = append(l.file.early, fmt.Sprintf("\t%s(%d, new(%s))", l.rtf("Type"), i, l.rep(t)))
	}
	return i
}

// native reports whether t is an interface with methods that compiled code
// declares: it is represented by itself.
func (l *Lowerer) native(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || l.own(n.Obj()) {
		return false
	}
	i, ok := n.Underlying().(*types.Interface)
	return ok && i.NumMethods() > 0
}

// faithful reports whether the representation of t has the same reflect.Type
// as t itself, so that a value of it says what it is.
func (l *Lowerer) faithful(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return true
	case *types.Named:
		return !l.own(t.Obj()) && t.TypeArgs().Len() == 0
	case *types.Pointer:
		return l.faithful(t.Elem())
	case *types.Slice:
		return l.faithful(t.Elem())
	case *types.Array:
		return l.faithful(t.Elem())
	case *types.Chan:
		return l.faithful(t.Elem())
	case *types.Map:
		return l.faithful(t.Key()) && l.faithful(t.Elem())
	case *types.Signature:
		for _, tup := range []*types.Tuple{t.Params(), t.Results()} {
			for v := range tup.Variables() {
				if !l.faithful(v.Type()) {
					return false
				}
			}
		}
		return !t.Variadic()
	case *types.Struct:
		return t.NumFields() == 0
	case *types.Interface:
		return t.NumMethods() == 0
	}
	return false
}
