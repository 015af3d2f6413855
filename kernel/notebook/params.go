package notebook

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/govidur/govidur/vidur/spec"
)

// Param is a parameter of a run: a name, and its value as it is typed: a Go literal
// (a number, a bool, a string in quotes), a string without quotes, or a list of such
// in brackets.
type Param struct{ Name, Value string }

// ParseParam reads name=value.
func ParseParam(s string) (Param, error) {
	name, v, ok := strings.Cut(s, "=")
	if !ok || name == "" {
		return Param{}, fmt.Errorf("parameter %q: write name=value", s)
	}
	return Param{name, v}, nil
}

// The tags by which papermill knows cells.
const (
	tagParameters = "parameters"
	tagInjected   = "injected-parameters"
)

// Inject sets parameters, as papermill does it: by a cell tagged injected-parameters,
// which takes the place of an earlier one, or stands after the cell tagged
// parameters, or at the start. There are two ways to have parameters.
//
// Variables of the cell tagged parameters are assigned to, "rate = 7", so that a
// value of a wrong type is an error of the compiler in the injected cell. A list
// gets the type that its variable was declared with.
//
// If a cell calls nb.Params, the parameters are those of its struct, and the
// injected cell, which calls nb.Inject, stands before it. Values are checked now if
// the struct is written in the notebook.
//
// The error says what is wrong with a parameter, and the notebook is as it was.
func (n *Notebook) Inject(params []Param) error {
	if len(params) == 0 {
		return nil
	}
	seen := map[string]bool{}
	for _, p := range params {
		if seen[p.Name] {
			return fmt.Errorf("parameter %s is given twice", p.Name)
		}
		seen[p.Name] = true
	}
	caller, target := n.paramsCall()
	var code string
	var err error
	if caller >= 0 {
		code, err = callOfInject(params, target)
	} else {
		code, err = n.assignments(params)
	}
	if err != nil {
		return err
	}
	n.insert(code, caller)
	return nil
}

// insert puts the injected cell where papermill does, but before the cell that calls
// nb.Params, if there is one.
func (n *Notebook) insert(code string, caller int) {
	c := &Cell{Kind: Code, Source: code, Metadata: map[string]any{"tags": []any{tagInjected}}}
	if at := n.find(tagInjected); at >= 0 {
		c.ID = n.Cells[at].ID
		n.Cells = slices.Delete(n.Cells, at, at+1)
		if caller > at {
			caller--
		}
		n.Cells = slices.Insert(n.Cells, before(at, caller), c)
	} else {
		n.Cells = slices.Insert(n.Cells, before(n.find(tagParameters)+1, caller), c)
	}
	n.FixIDs()
}

func before(at, caller int) int {
	if caller >= 0 {
		return min(at, caller)
	}
	return at
}

// assignments is the code that assigns parameters to variables.
func (n *Notebook) assignments(params []Param) (string, error) {
	at := n.find(tagParameters)
	if at < 0 {
		return "", fmt.Errorf("there are no parameters: no cell is tagged %s, and none calls nb.Params", tagParameters)
	}
	cell, err := parseCell("parameters", n.Cells[at].Source)
	if err != nil {
		return "", fmt.Errorf("the cell tagged %s: %w", tagParameters, err)
	}
	types := map[string]string{}
	var names []string
	for _, v := range cell.variables() {
		names = append(names, v.name)
		types[v.name] = ""
		if t, ok := v.typeOf().(*ast.ArrayType); ok && t.Len == nil {
			types[v.name] = cell.text(t)
		}
	}
	var b strings.Builder
	b.WriteString("// Parameters")
	for _, p := range params {
		slice, ok := types[p.Name]
		if !ok {
			return "", unknownParam(p.Name, names)
		}
		v, err := parseValue(p.Value)
		if err != nil {
			return "", fmt.Errorf("parameter %s: %w", p.Name, err)
		}
		fmt.Fprintf(&b, "\n%s = %s", p.Name, v.expression(slice))
	}
	return b.String(), nil
}

// unknownParam is the error of a name that is none of names.
func unknownParam(name string, names []string) error {
	if len(names) == 0 {
		return fmt.Errorf("unknown parameter %q: the notebook declares none", name)
	}
	err := spec.Unknown("parameter", name, names)
	if list := strings.Join(names, ", "); !strings.HasSuffix(err.Error(), ": "+list) {
		err = fmt.Errorf("%w; the notebook declares %s", err, list)
	}
	return err
}

// callOfInject is the code that gives parameters to nb.Params. Names and values are
// checked if the struct is known.
func callOfInject(params []Param, target *paramStruct) (string, error) {
	var pairs []string
	for _, p := range params {
		v, err := parseValue(p.Value)
		text := ""
		if err == nil {
			text, err = v.flag()
		}
		if err != nil {
			return "", fmt.Errorf("parameter %s: %w", p.Name, err)
		}
		if target != nil {
			if err := target.check(p.Name, text); err != nil {
				return "", err
			}
		}
		pairs = append(pairs, strconv.Quote(p.Name)+": "+strconv.Quote(text))
	}
	return "// Parameters\nnb.Inject(map[string]string{" + strings.Join(pairs, ", ") + "})", nil
}

// paramsCall is the index of the first cell that calls nb.Params, or -1, and the
// struct that it reads into, nil if the notebook does not show it.
func (n *Notebook) paramsCall() (caller int, target *paramStruct) {
	known := &structs{types: map[string]*ast.StructType{}, vars: map[string]ast.Expr{}}
	for i, c := range n.Cells {
		if !c.runs() || c.Tagged(tagInjected) {
			continue
		}
		src, err := parseCell("cell", c.Source)
		if err != nil {
			continue // a run says what is wrong
		}
		known.add(src)
		var arg ast.Expr
		ast.Inspect(src.file, func(x ast.Node) bool {
			arg = cmp.Or(arg, paramsArg(x))
			return true
		})
		if arg != nil {
			return i, known.of(arg)
		}
	}
	return -1, nil
}

// paramsArg is the argument of a call of nb.Params, or nil.
func paramsArg(x ast.Node) ast.Expr {
	call, ok := x.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return nil
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || f.Sel.Name != "Params" {
		return nil
	}
	if id, ok := f.X.(*ast.Ident); !ok || id.Name != "nb" {
		return nil
	}
	if u, ok := call.Args[0].(*ast.UnaryExpr); ok && u.Op == token.AND {
		return u.X
	}
	return call.Args[0]
}
