package symbols_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/govidur/govidur/kernel/symbols"
)

// check type-checks a file against the bundle.
func check(src string) error {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "script.go", src, 0)
	if err != nil {
		return err
	}
	conf := types.Config{Importer: symbols.Importer(fset)}
	_, err = conf.Check("main", fset, []*ast.File{f}, nil)
	return err
}

// Each package can be imported alone, by an importer that has read no other one,
// and each of its exported names used.
func TestEveryPackageTypeChecks(t *testing.T) {
	for _, path := range symbols.Packages() {
		pkg, err := symbols.Importer(token.NewFileSet()).Import(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if err := check(usesAll(pkg)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// usesAll is a script that uses every exported name of a package that has a
// value; of a package that is all generic it is only the import.
func usesAll(pkg *types.Package) string {
	var b strings.Builder
	for _, name := range pkg.Scope().Names() {
		obj := pkg.Scope().Lookup(name)
		if !obj.Exported() || !withValue(obj) {
			continue
		}
		switch obj.(type) {
		case *types.TypeName:
			fmt.Fprintf(&b, "var _ *p.%s\n", name)
		case *types.Const:
			fmt.Fprintf(&b, "const _ = p.%s\n", name)
		default:
			fmt.Fprintf(&b, "var _ = p.%s\n", name)
		}
	}
	name := "p"
	if b.Len() == 0 {
		name = "_"
	}
	return fmt.Sprintf("package main\n\nimport %s %q\n\n%s", name, pkg.Path(), b.String())
}

// Types that several packages refer to are the same types, whichever is read
// first.
func TestTypesOfSeveralPackages(t *testing.T) {
	const src = `package main

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/go-gota/gota/dataframe"
	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/frames"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/spec"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

type mine struct{ vidur.Scheduler }

var (
	_ io.Reader            = strings.NewReader("")
	_ io.Writer            = os.Stdout
	_ vidur.Scheduler      = mine{}
	_ plot.Plotter         = &plotter.Line{}
	_ iter.Seq[string]     = maps.Keys(map[string]int{})
	_ *atomic.Pointer[int] = nil
	_ dataframe.DataFrame  = dataframe.New()
)

func main() {
	e := spec.Default()
	run, err := e.Build()
	run.Config.NewWorkload = func(*rand.Rand) (vidur.Workload, error) { return nil, err }
	xs := slices.SortedFunc(maps.Values(map[string]int{"a": 1}), cmp.Compare[int])
	fmt.Fprintln(os.Stderr, xs, min(1, 2))
	_, _ = frames.Requests, sched.Sarathi{}
}
`
	if err := check(src); err != nil {
		t.Error(err)
	}
}

// The order of imports changes nothing.
func TestOrderOfImports(t *testing.T) {
	paths := symbols.Packages()
	describe := func(i types.Importer) string {
		var b strings.Builder
		for _, path := range symbols.Packages() {
			pkg, err := i.Import(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range pkg.Scope().Names() {
				if obj := pkg.Scope().Lookup(name); obj.Exported() {
					fmt.Fprintln(&b, obj)
				}
			}
		}
		return b.String()
	}
	forward := describe(symbols.Importer(token.NewFileSet()))
	backward := symbols.Importer(token.NewFileSet())
	slices.Reverse(paths)
	for _, path := range paths {
		if _, err := backward.Import(path); err != nil {
			t.Fatal(err)
		}
	}
	if describe(backward) != forward {
		t.Error("packages read backwards have other types")
	}
}

func TestNotOffered(t *testing.T) {
	for _, path := range []string{
		"", ".", "/", "../fmt", "fmt/", "Fmt", "C", "unsafe", "plugin", "syscall", "internal/abi", "testing", "no/such",
		"github.com/govidur/govidur/vidur/internal/forest", "github.com/govidur/govidur/kernel/symbols",
	} {
		_, err := symbols.Importer(token.NewFileSet()).Import(path)
		if want := "package " + path + " is not offered to scripts"; err == nil || err.Error() != want {
			t.Errorf("import of %q: %v, want %s", path, err, want)
		}
		if _, values, ok := symbols.Values(path); ok || values != nil {
			t.Errorf("%q has values", path)
		}
		if symbols.Doc(path, "") != "" {
			t.Errorf("%q has comments", path)
		}
		if c := symbols.Closure(path); len(c) != 0 {
			t.Errorf("the closure of %q is %q", path, c)
		}
	}
}

func TestPackagesAreSorted(t *testing.T) {
	all := symbols.Packages()
	if !slices.IsSorted(all) || len(slices.Compact(slices.Clone(all))) != len(all) || len(all) < 90 {
		t.Errorf("%d packages: %q", len(all), all)
	}
}

func TestDoc(t *testing.T) {
	for _, c := range []struct{ path, symbol, want string }{
		{"sort", "", "Package sort provides primitives for sorting"},
		{"sort", "Sort", "Sort sorts data in ascending order"},
		{"sort", "Interface.Less", "Less reports whether the element with index i"},
		{"math", "Pi", "https://oeis.org/A000796"},
		{"math", "MaxInt8", "127"},
		{"time", "Hour", "Common durations."},
		{"io", "EOF", "EOF is the error returned by Read"},
		{"slices", "SortFunc", "SortFunc sorts the slice x"},
		{"sync/atomic", "Pointer.Load", "Load atomically loads"},
		{"strings", "Builder.WriteString", "WriteString appends the contents of s"},
		{"github.com/go-gota/gota/dataframe", "DataFrame.Filter", "Filter will filter the rows"},
		{"github.com/govidur/govidur/vidur", "", "Package vidur simulates"},
		{"github.com/govidur/govidur/vidur", "Config.Seed", "of every random stream"},
		{"sort", "sort", ""},
		{"sort", "Nothing", ""},
		{"strings", "Builder.addr", ""},
	} {
		got := symbols.Doc(c.path, c.symbol)
		if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("Doc(%q, %q) = %q, want %q…", c.path, c.symbol, got, c.want)
		}
	}
}

// Every exported name of our own packages says what it is.
func TestOurNamesHaveComments(t *testing.T) {
	imports := symbols.Importer(token.NewFileSet())
	for _, path := range symbols.Packages() {
		if !strings.HasPrefix(path, "github.com/govidur/") {
			continue
		}
		pkg, err := imports.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range pkg.Scope().Names() {
			if pkg.Scope().Lookup(name).Exported() && symbols.Doc(path, name) == "" {
				t.Errorf("%s.%s has no doc comment", path, name)
			}
		}
	}
}

func TestRestricted(t *testing.T) {
	for path, want := range map[string]bool{
		"net": true, "net/http": true, "net/http/httptest": true, "net/url": false, "network": false,
		"os": false, "os/exec": true, "os/signal": false, "runtime": false, "runtime/debug": true,
		"syscall": true, "unsafe": true, "plugin": true, "C": true, "": false, "fmt": false,
		"github.com/govidur/govidur/vidur": false,
	} {
		if symbols.Restricted(path) != want {
			t.Errorf("Restricted(%q) is not %v", path, want)
		}
	}
	for name, want := range map[string]bool{
		"os Process": true, "os StartProcess": true, "os File.Fd": true, "os File": false, "os Exit": false,
		"os/exec Command": true, "reflect NewAt": true, "reflect New": false, "fmt Println": false,
	} {
		path, name, _ := strings.Cut(name, " ")
		if symbols.RestrictedName(path, name) != want {
			t.Errorf("RestrictedName(%q, %q) is not %v", path, name, want)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	imports := symbols.Importer(token.NewFileSet())
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for _, path := range symbols.Packages()[:20] {
				_, values, ok := symbols.Values(path)
				_, err := imports.Import(path)
				if !ok || err != nil || values == nil || symbols.Doc(path, "") == "" {
					t.Errorf("%s: %v", path, err)
				}
			}
		})
	}
	all.Wait()
}
