package lower

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"
)

// special lowers calls of compiled functions that look into their arguments.
func (g *gen) special(x *ast.CallExpr) (string, bool) {
	p, ok := g.specialParts(x)
	if !ok {
		return "", false
	}
	return p.format(p.texts()), true
}

var anyType = types.Universe.Lookup("any").Type()

func (g *gen) specialParts(x *ast.CallExpr) (*parts, bool) {
	f, ok := calleeObject(g.src.info, x).(*types.Func)
	if !ok || f.Pkg() == nil || f.Signature().Recv() != nil {
		return nil, false
	}
	if seesStack[f.Pkg().Path()+"."+f.Name()] {
		g.refuse(x, f.Pkg().Name()+"."+f.Name(), "it sees the interpreter")
	}
	switch f.Pkg().Path() + "." + f.Name() {
	case "errors.As":
		return simple(g.l.rtf("ErrorsAs"), operand{g.value(x.Args[0], errorType), "error"}, operand{g.value(x.Args[1], anyType), "interface{}"}), true
	case "errors.Is":
		return simple(g.l.rtf("ErrorsIs"), operand{g.value(x.Args[0], errorType), "error"}, operand{g.value(x.Args[1], errorType), "error"}), true
	case "slices.Sort":
		if t := g.typeOf(x.Args[0]); sortable[g.rep(t)] {
			return simple(g.l.rtf("Sort"), operand{g.value(x.Args[0], t), g.rep(t)}), true
		}
	case "fmt.Printf", "fmt.Sprintf":
		return g.formatted(x, 0, f)
	case "fmt.Fprintf", "fmt.Appendf":
		return g.formatted(x, 1, f)
	case "fmt.Errorf":
		return g.formatted(x, 0, f)
	}
	return nil, false
}

// sortable are the representations that compiled code sorts like slices.Sort.
var sortable = map[string]bool{"[]int": true, "[]float64": true, "[]string": true}

// seesStack are functions that look at the stack or at the memory of the
// process, where an interpreted program is not what it is when compiled.
var seesStack = map[string]bool{
	"runtime.Caller": true, "runtime.Callers": true, "runtime.CallersFrames": true, "runtime.FuncForPC": true, "runtime.Stack": true,
	"runtime.SetFinalizer": true, "runtime.AddCleanup": true, "runtime.Goexit": true,
	"runtime/debug.Stack": true, "runtime/debug.PrintStack": true, "testing.AllocsPerRun": true,
}

var errorType = types.Universe.Lookup("error").Type()

// formatted lowers a call with a format that may ask for the type of an
// argument: that of an interpreted value is known to the run-time support only.
func (g *gen) formatted(x *ast.CallExpr, at int, f *types.Func) (*parts, bool) {
	if len(x.Args) <= at || x.Ellipsis.IsValid() && len(x.Args) != at+2 {
		return nil, false
	}
	tv := g.src.info.Types[x.Args[at]]
	if tv.Value != nil && tv.Value.Kind() == constant.String && !asksForType(constant.StringVal(tv.Value)) {
		return nil, false
	}
	if len(x.Args) == 1 {
		if _, ok := g.typeOf(x.Args[0]).(*types.Tuple); ok {
			return nil, false
		}
	}
	var list string
	if x.Ellipsis.IsValid() {
		list = g.expr(x.Args[at+1])
		if list == "nil" {
			list = "[]interface{}(nil)"
		}
	} else {
		var args []string
		for _, a := range x.Args[at+1:] {
			args = append(args, g.argument(a, anyType, f, true))
		}
		list = "[]interface{}{" + join(args) + "}"
	}
	format := operand{g.value(x.Args[at], types.Typ[types.String]), "string"}
	rest := operand{list, "[]interface{}"}
	if f.Name() == "Errorf" {
		return simple(g.l.rtf("Errorf"), format, rest), true
	}
	ops := []operand{format, rest}
	if at == 1 {
		t := f.Signature().Params().At(0).Type()
		ops = []operand{{g.value(x.Args[0], t), g.rep(t)}, format, rest}
	}
	name := g.l.imported("fmt") + "." + f.Name()
	return &parts{ops: ops, format: func(ops []string) string {
		n := len(ops) - 2
		return name + "(" + join(append(ops[:n:n], `"%s"`, g.l.rtf("Sprintf")+"("+ops[n]+", "+ops[n+1]+")")) + ")"
	}}, true
}

// asksForType reports whether a format has a verb that a Formatter is not asked for.
func asksForType(format string) bool {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		for i++; i < len(format) && strings.IndexByte("+-# 0123456789.*[]", format[i]) >= 0; i++ {
		}
		if i < len(format) && (format[i] == 'T' || format[i] == 'p') {
			return true
		}
	}
	return false
}

// opaque lowers an argument for a parameter of compiled code that takes
// anything. What only keeps or prints it gets it with its type; what looks into
// it by reflection must not see the representation.
func (g *gen) opaque(a ast.Expr, t types.Type, f *types.Func) string {
	from := g.typeOf(a)
	if isNil(from) {
		return "nil"
	}
	switch g.l.policy(f) {
	case raw:
		if types.IsInterface(from) {
			return g.l.rtf("Unwrap") + "(" + g.value(a, anyType) + ")"
		}
		return g.l.rtf("I") + "(" + g.value(a, types.Default(from)) + ")"
	case looks:
		if types.IsInterface(from) {
			return g.l.rtf("Plain") + "(" + g.value(a, anyType) + ")"
		}
		if from = types.Default(from); g.l.readsFields(f) && g.l.plain(from, nil) {
			return g.l.rtf("I") + "(" + g.value(a, from) + ")"
		}
		if !g.l.faithful(from) {
			g.refuse(a, "a "+types.TypeString(from, shortName)+" given to "+f.Pkg().Name()+"."+f.Name(), "it looks into the value by reflection")
		}
		if isContainer(from) {
			return g.l.rtf("Plain") + "(" + g.value(a, anyType) + ")"
		}
	case fills:
		return g.l.rtf("Fill") + "(" + g.value(a, anyType) + ")"
	}
	return g.value(a, t)
}

func shortName(p *types.Package) string { return p.Name() }

type policy int

const (
	keeps policy = iota // stores, compares or prints the value
	raw                 // works on the representation as well as on the value
	looks               // looks into it by reflection
	fills               // decodes into it
)

// policy says what a compiled function does with arguments of any type.
func (l *Lowerer) policy(f *types.Func) policy {
	path, name := f.Pkg().Path(), f.Name()
	switch path {
	case "sort":
		return raw
	case "github.com/govidur/govidur/kernel/nb":
		if strings.Contains(name, "Params") || name == "Interact" { // which read and set exported fields
			return raw
		}
		return keeps
	case "encoding/json":
		if name == "Unmarshal" || name == "Decode" {
			return fills
		}
		return keeps
	case "reflect":
		if name == "DeepEqual" {
			return keeps
		}
		return looks
	case "fmt":
		if strings.Contains(name, "scan") || strings.Contains(name, "Scan") {
			return raw
		}
		return keeps
	case "text/template", "html/template", // see readsFields
		"encoding/gob", "encoding/xml", "encoding/binary", "encoding/asn1", "database/sql", "expvar", "net/rpc", "unsafe":
		return looks
	}
	if strings.Contains(path, "gota") || strings.HasSuffix(path, "/frames") {
		return looks
	}
	return keeps
}

// isContainer reports whether values of a type can hold values of any type.
func isContainer(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Interface:
		return true
	case *types.Slice:
		return isContainer(u.Elem())
	case *types.Array:
		return isContainer(u.Elem())
	case *types.Map:
		return isContainer(u.Key()) || isContainer(u.Elem())
	}
	return false
}

// readsFields reports whether a function that looks into values sees no more of
// a struct than its exported fields and their tags.
func (l *Lowerer) readsFields(f *types.Func) bool {
	path := f.Pkg().Path()
	switch path {
	case "text/template", "html/template", "encoding/binary":
		return true
	}
	return strings.Contains(path, "gota") || strings.HasSuffix(path, "/frames")
}

// plain reports whether the representation of a type differs from it in names
// only: structs have exported fields, none is embedded, and there are no methods.
func (l *Lowerer) plain(t types.Type, within []types.Type) bool {
	if slices.ContainsFunc(within, func(u types.Type) bool { return types.Identical(t, u) }) {
		return false
	}
	within = append(within, t)
	if n := namedOf(t); n != nil && (!l.own(n.Obj()) || types.NewMethodSet(types.NewPointer(n)).Len() > 0) {
		return l.faithful(t)
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return true
	case *types.Pointer:
		return l.plain(u.Elem(), within)
	case *types.Slice:
		return l.plain(u.Elem(), within)
	case *types.Array:
		return l.plain(u.Elem(), within)
	case *types.Map:
		return l.plain(u.Key(), within) && l.plain(u.Elem(), within)
	case *types.Struct:
		for f := range u.Fields() {
			if !f.Exported() || f.Embedded() || !l.plain(f.Type(), within) {
				return false
			}
		}
		return true
	}
	return false
}
