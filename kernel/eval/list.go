package eval

import (
	"fmt"
	"go/constant"
	"go/types"
	"reflect"
)

// Listed is a declared thing with what a table shows of it.
type Listed struct {
	Named
	Value string // of a variable or a constant, in brief; empty for others
	Place string // file:line of the declaration; empty if it is not known
}

// briefValue is how many runes of a value are listed.
const briefValue = 60

// List is Declared with values and places. The work does not grow with the size of
// the values.
func (s *Session) List() []Listed {
	globals := s.in.Globals()
	var out []Listed
	for _, n := range s.Declared() {
		l := Listed{Named: n}
		o := s.objects[n.Name]
		switch o := o.(type) {
		case *types.Const:
			l.Value = constantText(o.Val())
		case *types.Var:
			l.Value = s.valueOf(o, globals)
		}
		if d := s.decls.by[n.Name]; d != nil {
			l.Place = fmt.Sprintf("%s:%d", d.file, d.line)
		} else if p := s.fset.Position(o.Pos()); p.IsValid() {
			l.Place = fmt.Sprintf("%s:%d", p.Filename, p.Line)
		}
		out = append(out, l)
	}
	return out
}

// valueOf is the value of a variable in brief.
func (s *Session) valueOf(o *types.Var, globals map[string]reflect.Value) string {
	if t, v := s.held(o, globals); v.IsValid() {
		return s.rt.Brief(t, v, briefValue)
	}
	return ""
}

// held is what a variable holds, and its type for the interpreter.
func (s *Session) held(o *types.Var, globals map[string]reflect.Value) (types.Type, reflect.Value) {
	back := s.back.Scope().Lookup(s.names[o])
	if back == nil {
		return nil, reflect.Value{}
	}
	name, _ := s.low.Variable(back)
	return back.Type(), globals[name]
}

// Value is the whole value of a variable of the cells whose type is a basic one or a
// list of such; nil for others.
func (s *Session) Value(name string) any {
	o, ok := s.objects[name].(*types.Var)
	if !ok {
		return nil
	}
	t := o.Type()
	if list, ok := t.(*types.Slice); ok {
		t = list.Elem()
	}
	if _, ok := t.(*types.Basic); !ok {
		return nil
	}
	if _, v := s.held(o, s.in.Globals()); v.IsValid() && v.CanInterface() {
		return v.Interface()
	}
	return nil
}

// constantText is a constant in brief, with its exact digits as long as they fit.
func constantText(v constant.Value) string {
	text := v.ExactString()
	if len(text) > briefValue {
		text = v.String()
	}
	if r := []rune(text); len(r) > briefValue {
		text = string(r[:briefValue-1]) + "…"
	}
	return text
}
