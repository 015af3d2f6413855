package lower

import (
	"go/ast"
	"go/parser"
	"go/types"
	"io"
	"os"
	"reflect"
	"strconv"
	"testing"

	"github.com/traefik/yaegi/interp"

	"github.com/govidur/govidur/kernel/symbols"
)

// cells is an interpreter that files are given to one after the other.
type cells struct {
	t    testing.TB
	in   *interp.Interpreter
	low  *Lowerer
	pkg  *types.Package
	info *types.Info
	imp  types.Importer
	n    int
}

func newCells(t testing.TB) *cells {
	c := &cells{t: t, in: interp.New(interp.Options{Stderr: io.Discard, Unrestricted: true}), pkg: types.NewPackage("main", "main")}
	c.info = &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{},
		Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	c.imp = symbols.Importer(c.in.FileSet())
	c.low = New(c.in.FileSet(), c.pkg, c.info)
	c.low.Positions = true
	if err := c.in.Use(c.low.Runtime().Exports()); err != nil {
		t.Fatal(err)
	}
	return c
}

// run gives the interpreter one file; what it prints with fmt.Fprint(out, …)
// would need a package, so the tests read variables.
func (c *cells) run(src string) error {
	c.t.Helper()
	c.n++
	f, err := parser.ParseFile(c.in.FileSet(), "cell["+strconv.Itoa(c.n)+"]", "package main\n"+src, parser.SkipObjectResolution)
	if err != nil {
		c.t.Fatal(err)
	}
	conf := types.Config{Importer: c.imp}
	if err := types.NewChecker(&conf, c.in.FileSet(), c.pkg, c.info).Files([]*ast.File{f}); err != nil {
		c.t.Fatal(err)
	}
	lowered, err := c.low.File(f)
	if err != nil {
		return err
	}
	var paths []string
	for _, s := range lowered.Imports {
		path, _ := strconv.Unquote(s.Path.Value)
		paths = append(paths, path)
	}
	for _, path := range symbols.Closure(paths...) {
		name, values, _ := symbols.Values(path)
		if path == "os" {
			values["Stdout"] = reflect.ValueOf(os.Stdout)
		}
		if err := c.in.Use(interp.Exports{path + "//" + name: values}); err != nil {
			c.t.Fatal(err)
		}
	}
	p, err := c.in.CompileAST(lowered)
	if err != nil {
		c.low.Undo()
		return err
	}
	_, err = c.in.Execute(p)
	return err
}

func (c *cells) must(src string) {
	c.t.Helper()
	if err := c.run(src); err != nil {
		c.t.Fatal(err)
	}
}

// TestFilesAccumulate holds that a later file uses what earlier ones declare:
// generic functions, interfaces whose methods are dispatched by tables, and
// types that join those tables.
func TestFilesAccumulate(t *testing.T) {
	c := newCells(t)
	c.must(`type Shape interface{ Area() int }
		type Sq struct{ a int }
		func (s Sq) Area() int { return s.a * s.a }
		func Total(list ...Shape) (n int) { for _, s := range list { n += s.Area() }; return }
		func Map[T, U any](s []T, f func(T) U) (out []U) { for _, x := range s { out = append(out, f(x)) }; return }
		var n = Total(Sq{2}, Sq{3})`)
	c.must(`type Re struct{ a, b int }
		func (r *Re) Area() int { return r.a * r.b }
		func init() { n += Total(&Re{2, 5}, Sq{1}) }`)
	c.must(`import "fmt"
		type Str string
		func (s Str) Area() int { return len(s) }
		func init() { if s := fmt.Sprint(n, Map([]int{1, 2}, func(i int) Shape { return Str("abc")[:i] })); s != "24 [a ab]" { panic(s) } }`)
	c.must(`import "fmt"
		func init() { if s := fmt.Sprint(Total(Map([]Str{"x", "yy"}, func(s Str) Shape { return s })...)); s != "3" { panic(s) } }`)
}

// TestRefusedFileLeavesNoTrace holds that what a refused file would have
// declared is declared again by the next that needs it.
func TestRefusedFileLeavesNoTrace(t *testing.T) {
	c := newCells(t)
	if err := c.run(`import "runtime"
		type T struct{ n int }
		func f(v any) int { return v.(T).n }
		func g() { runtime.Stack(nil, false) }`); err == nil {
		t.Fatal("not refused")
	}
	c.must(`type U struct{ n int }
		func f2(v any) int { t, ok := v.(T); if ok { return t.n }; return v.(U).n }
		func init() { if f2(T{3}) + f2(U{4}) != 7 { panic("wrong") } }`)
}

// TestPosition holds that the position of a panic is that of the statement,
// also when the call is nested or compiled code calls back.
func TestPosition(t *testing.T) {
	for src, want := range map[string]string{
		"func init() {\n\tx := []int{1}\n\ti := 3\n\tx[0] = 1\n\tx[i] = 2\n}":                                                                                                      "cell[1]:6:2",
		"func f(n int) int {\n\tm := 1\n\treturn m / n\n}\nfunc init() {\n\tf(1)\n\tf(0)\n}":                                                                                       "cell[1]:4:2",
		"import \"sort\"\nfunc init() {\n\tvar p *int\n\tsort.Slice([]int{2, 1}, func(i, j int) bool {\n\t\treturn *p > 1\n\t})\n}":                                                "cell[1]:6:3",
		"type T struct{ n *int }\nfunc (t *T) M() int {\n\tif t != nil {\n\t\treturn *t.n\n\t}\n\treturn 0\n}\nfunc init() {\n\tvar i interface{ M() int } = &T{}\n\t_ = i.M()\n}": "cell[1]:5:3",
		"func init() {\n\ta := []int{1, 2}\n\tm := 0\n\tfor i := 0; a[i] > 0; i++ {\n\t\tm += a[0]\n\t}\n}":                                                                        "cell[1]:5:14",
		"func init() {\n\ta := []int{1, 2}\n\tfor i := 0; a[i] > 0; i++ {\n\t\tif a[0] == 1 {\n\t\t\ta[1] = 3\n\t\t\tcontinue\n\t\t}\n\t}\n}":                                      "cell[1]:4:14",
		"func init() {\n\ta := []int{1, 2}\nouter:\n\tfor i := 0; a[i] > 0; i++ {\n\t\tfor {\n\t\t\ta[1] = 3\n\t\t\tcontinue outer\n\t\t}\n\t}\n}":                                 "cell[1]:5:14",
		"func init() {\n\ta := []int{1, 2}\n\tfor i := 0; a[i] > 0; i++ {\n\t\tfunc() { a[1] = i + 1 }()\n\t}\n}":                                                                  "cell[1]:4:14",
		"func init() {\n\ta := []int{1, 2}\n\ti := 2\n\tif a[0] > 1 {\n\t\ta[1] = 3\n\t} else if a[i] > 1 {\n\t\ta[0] = 1\n\t}\n}":                                                 "cell[1]:7:12",
	} {
		c := newCells(t)
		if err := c.run(src); err == nil {
			t.Errorf("no panic: %s", src)
		}
		if got := c.low.Runtime().Position().String(); got != want {
			t.Errorf("%s, want %s: %s", got, want, src)
		}
	}
}

// TestRecursionEnds holds that recursion without end is a panic: of a function,
// of two, of a closure, through an interface and through compiled code.
func TestRecursionEnds(t *testing.T) {
	for _, src := range []string{
		"func f(n int) int { return f(n+1) + 1 }\nfunc init() { f(0) }",
		"func f(n int) { g(n) }\nfunc g(n int) { f(n) }\nfunc init() { f(0) }",
		"func init() { var f func(); f = func() { f() }; f() }",
		"type I interface{ M() }\ntype T struct{ i I }\nfunc (t *T) M() { t.i.M() }\nfunc init() { t := &T{}; t.i = t; t.M() }",
		"import \"sort\"\nfunc f() { sort.Slice([]int{2, 1}, func(i, j int) bool { f(); return true }) }\nfunc init() { f() }",
		"func f(n int) { defer func() { f(n) }() }\nfunc init() { f(0) }",
		"type L[T any] struct{ v T }\nfunc (l L[T]) F() { l.F() }\nfunc init() { L[int]{}.F() }",
	} {
		c := newCells(t)
		c.low.Runtime().MaxDepth = 300
		err := c.run(src)
		var p interp.Panic
		if err == nil || !asPanic(err, &p) {
			t.Fatalf("%v: %s", err, src)
		}
		if _, ok := p.Value.(overflow); !ok {
			t.Errorf("%v: %s", p.Value, src)
		}
	}
}

func asPanic(err error, p *interp.Panic) bool {
	q, ok := err.(interp.Panic)
	*p = q
	return ok
}
