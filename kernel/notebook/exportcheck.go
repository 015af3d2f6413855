package notebook

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/govidur/govidur/kernel/eval"
	"github.com/govidur/govidur/kernel/symbols"
)

// outFunc stands for nb.Display in the program that is checked.
const outFunc = "outʹ"

// check type-checks the cells together: the types of the variables, and which
// last expressions have a value to show, are known then.
func (x *exporter) check() error {
	text := "package main\n" + x.importBlock("") + "func " + outFunc + "(...any)\n" +
		strings.Join(x.infer, "\n") + "\n" + x.declarations(true) + x.mainFunc(true)
	c, err := newChecked(text)
	if err != nil {
		return fmt.Errorf("the program does not parse, a fault of this command: %w", err)
	}
	x.pkg = c.pkg
	if err := x.sameTypes(); err != nil {
		return err
	}
	unused := x.findValues(c)
	for _, e := range c.errs {
		switch {
		case strings.HasPrefix(e.Msg, "initialization cycle"), strings.HasPrefix(e.Msg, "\t"), strings.HasSuffix(e.Msg, "and not used") && strings.Contains(e.Msg, "imported"):
		case strings.HasPrefix(e.Msg, "missing function body"), unused(e):
		default:
			return fmt.Errorf("%v: as a program: %s", c.fset.Position(e.Pos), strings.ReplaceAll(e.Msg, "ʹ", ""))
		}
	}
	return x.refuse()
}

// refuse says what has no error of the checker and no program either.
func (x *exporter) refuse() error {
	for _, name := range x.order {
		if v := x.pkg.Scope().Lookup(name); v == nil || v.Type() == types.Typ[types.Invalid] {
			return fmt.Errorf("cell %d: the type of %s follows from itself", x.vars[name], name)
		}
	}
	for _, cell := range x.cells {
		if cell.value && cell.Shows && cell.defers {
			return fmt.Errorf("cell %d: it shows the value of its last expression after what it defers: a program shows it before", cell.number)
		}
	}
	return nil
}

// sameTypes says which variable is declared again with another type.
func (x *exporter) sameTypes() error {
	for _, t := range x.again {
		a, b := x.pkg.Scope().Lookup(t.name), x.pkg.Scope().Lookup(t.alias)
		if a == nil || b == nil || a.Type() == types.Typ[types.Invalid] || b.Type() == types.Typ[types.Invalid] {
			continue // the checker says what is wrong
		}
		if !types.Identical(a.Type(), b.Type()) {
			return fmt.Errorf("cell %d: it declares %s again as %s, which cell %d declares as %s",
				t.cell, t.name, x.typeText(b.Type()), x.vars[t.name], x.typeText(a.Type()))
		}
	}
	return nil
}

// findValues finds which last expressions have a value: those that are no calls, and
// calls other than those that print. It returns which errors say only that a value is
// not used. A value that nobody asks for matters only then.
func (x *exporter) findValues(c *checked) (unused func(types.Error) bool) {
	excused := map[types.Error]bool{}
	for i, body := range c.bodies() {
		cell := x.cells[i]
		if cell.last == nil {
			continue
		}
		st := body.List[len(body.List)-1].(*ast.ExprStmt)
		wrong := false
		for _, e := range c.errs {
			if strings.HasSuffix(e.Msg, "is not used") && st.Pos() <= e.Pos && e.Pos < st.End() {
				excused[e], wrong = true, true
			}
		}
		cell.value = wrong || !isCall(cell.last.X) || cell.Shows && c.gives(st.X) && !eval.Prints(c.info, st.X)
	}
	return func(e types.Error) bool { return excused[e] }
}

// gives reports whether an expression has a value.
func (c *checked) gives(x ast.Expr) bool {
	t := c.info.Types[x]
	many, _ := t.Type.(*types.Tuple)
	return t.Type != nil && !t.IsVoid() && (many == nil || many.Len() > 0)
}

// checked is a program that was type-checked.
type checked struct {
	fset *token.FileSet
	file *ast.File
	pkg  *types.Package
	info *types.Info
	errs []types.Error
}

func newChecked(text string) (*checked, error) {
	c := &checked{fset: token.NewFileSet(), info: &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}}
	var err error
	if c.file, err = parser.ParseFile(c.fset, "", text, parser.SkipObjectResolution); err != nil {
		return nil, err
	}
	conf := types.Config{Importer: symbols.Importer(c.fset), Error: func(err error) {
		var e types.Error
		if errors.As(err, &e) {
			c.errs = append(c.errs, e)
		}
	}}
	c.pkg, _ = conf.Check("main", c.fset, []*ast.File{c.file}, c.info) // the errors are in errs
	return c, nil
}

// bodies are the functions that the cells became, in main.
func (c *checked) bodies() (out []*ast.BlockStmt) {
	for _, d := range c.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "main" && f.Recv == nil {
			for _, st := range f.Body.List {
				out = append(out, st.(*ast.ExprStmt).X.(*ast.CallExpr).Fun.(*ast.FuncLit).Body)
			}
		}
	}
	return out
}

// compiles is the first thing that is wrong in a program.
func compiles(text string) error {
	c, err := newChecked(text)
	if err != nil {
		return err
	}
	for _, e := range c.errs {
		return fmt.Errorf("the program would not compile: %s", e.Msg)
	}
	return nil
}

// typeText is a type in the words of the program, which imports what it needs.
func (x *exporter) typeText(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p == x.pkg {
			return ""
		}
		return x.nameOf(p.Path(), p.Name())
	})
}

// varBlock declares the variables of the cells.
func (x *exporter) varBlock() string {
	var b strings.Builder
	for _, name := range x.order {
		if v := x.pkg.Scope().Lookup(name); v != nil {
			fmt.Fprintf(&b, "\t%s %s\n", name, x.typeText(v.Type()))
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "var (\n" + b.String() + ")\n\n"
}

// importBlock imports what a program uses, everything if that is not known.
func (x *exporter) importBlock(body string) string {
	used := map[string]bool{}
	if body != "" {
		if f, err := parser.ParseFile(token.NewFileSet(), "", "package main\n"+body, 0); err == nil {
			for _, id := range f.Unresolved {
				used[id.Name] = true
			}
		}
	}
	var std, others []string
	for _, name := range slices.Sorted(maps.Keys(x.imports)) {
		path := x.imports[name]
		if body != "" && !used[name] && name != "_" {
			continue
		}
		if name == symbols.Name(path) {
			name = ""
		}
		line := strings.TrimSpace(name + " " + strconv.Quote(path))
		if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
			others = append(others, line)
		} else {
			std = append(std, line)
		}
	}
	if len(std)+len(others) == 0 {
		return ""
	}
	return "import (\n" + strings.Join(std, "\n") + "\n\n" + strings.Join(others, "\n") + "\n)\n\n"
}
